import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';

interface Access {
  readonly pid: number;
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly s3: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string };
}

const MAIN = join(process.cwd(), 'dist/apps/standalone/src/main.js');
const START_MS = 120_000;

/** Spool as people run it: a process of its own on a data folder of its own, to be killed at will. */
export class Standalone {
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(
    readonly dataDir: string,
    private readonly env: Record<string, string>,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Standalone> {
    const standalone = new Standalone(await mkdtemp(join(tmpdir(), 'spool-standalone-')), env);
    await standalone.start();
    return standalone;
  }

  get access(): Access {
    return JSON.parse(readFileSync(join(this.dataDir, 'access.json'), 'utf8')) as Access;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  async start(): Promise<void> {
    const sandbox = { SPOOL_SANDBOX: process.env.SPOOL_SANDBOX ?? 'process', SPOOL_PROBE_CODECS: 'never' }; // The same on every machine.
    const own = { ...sandbox, SPOOL_DATA_DIR: this.dataDir, SPOOL_PORT: '0', SPOOL_S3_PORT: '0' };
    const env = { ...process.env, ...own, ...this.env };
    this.output = '';
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.output += String(chunk)));
    const deadline = Date.now() + START_MS;
    while (!this.isReady()) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Spool did not start: ${this.output}`);
      await sleep(20);
    }
  }

  /** kill -9, and waits until the process is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  s3(): S3Client {
    const { endpoint, region, accessKeyId, secretAccessKey } = this.access.s3;
    return new S3Client({
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
      maxAttempts: 1,
    });
  }

  /** One request to the API; throws the problem if it is refused. */
  async api<Answer = Record<string, never>>(method: string, path: string, body?: unknown): Promise<Answer> {
    const { apiUrl, apiKey } = this.access;
    const headers = {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const response = await fetch(apiUrl + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as Answer;
  }

  private isReady(): boolean {
    return existsSync(join(this.dataDir, 'access.json')) && this.access.pid === this.pid;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

/** Asks again and again until `check` gives something else than undefined or false. */
export async function eventually<T>(check: () => Promise<T | undefined | false>, withinMs = 90_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await check().catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
      return undefined;
    });
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Did not come true within ${withinMs} ms: ${check}`);
    await sleep(50);
  }
}
