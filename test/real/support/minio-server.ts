import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-ports.js';
import { ServerProcess } from './server-process.js';

/** A MinIO of its own on loopback, with its data on disk. The suites' set-up has built it. */
export class MinioServer {
  readonly accessKeyId = 'spooltest';
  readonly secretAccessKey = 'spooltest-secret';
  private process: ServerProcess | undefined;

  private constructor(
    private readonly binary: string,
    private readonly dir: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<MinioServer> {
    const binary = process.env['SPOOL_TEST_MINIO'] ?? '';
    const dir = mkdtempSync(join(tmpdir(), 'spool-minio-'));
    const server = new MinioServer(binary, dir, await freePort());
    await server.launch();
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again with the data it had; `settings` are MinIO's own variables. */
  async launch(settings: Record<string, string> = {}): Promise<void> {
    const args = ['server', join(this.dir, 'data'), '--address', `127.0.0.1:${this.port}`, '--quiet'];
    const key = { MINIO_ROOT_USER: this.accessKeyId, MINIO_ROOT_PASSWORD: this.secretAccessKey };
    const env = { HOME: this.dir, MINIO_BROWSER: 'off', MINIO_UPDATE: 'off', ...key, ...settings };
    this.process = await ServerProcess.launch({ command: this.binary, args, env, dir: this.dir }, () => this.isReady());
  }

  /** As a power cut would: no goodbye to anybody. */
  async kill(): Promise<void> {
    await this.process?.kill();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** A folder that goes with it, for what it could not tell yet. */
  get queueDir(): string {
    return join(this.dir, 'queue');
  }

  private async isReady(): Promise<boolean> {
    return fetch(`${this.endpoint}/minio/health/cluster`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
