import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { EmbeddedS3 } from '@app/object-store';
import { type AppName, ChildApp } from './child-app.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { eventually } from './standalone.js';

const TOKEN = 'a-token-for-executors';
const credentials = { accessKeyId: 'cluster', secretAccessKey: 'cluster-secret' };

/** An S3 server that somebody else runs. */
export interface ForeignStore {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ClusterOptions {
  /** In place of a store of the cluster's own. */
  readonly store?: ForeignStore;
  /** For gateways and routers. */
  readonly env?: Record<string, string>;
}

type Store = ForeignStore & { close?: () => Promise<void> };

/** Spool grown up: gateway, trigger-routers and executors as processes of their own, on a database and a store. */
export class Cluster {
  private readonly apps: ChildApp[] = [];
  private readonly routers: ChildApp[] = [];
  private gateway: ChildApp | undefined;
  private key = '';
  private url = '';

  private constructor(
    readonly dir: string,
    readonly postgres: TestDatabase,
    private readonly store: Store,
    private readonly env: Record<string, string>,
  ) {}

  /** A gateway; routers and executors are added by the test. */
  static async start({ store, env = {} }: ClusterOptions = {}): Promise<Cluster> {
    const dir = await mkdtemp(join(tmpdir(), 'spool-cluster-'));
    const cluster = new Cluster(dir, await createTestDatabase(), store ?? (await ownStore(dir)), env);
    await cluster.startGateway();
    return cluster;
  }

  /** For what calls the gateway in its own way. */
  get access(): { readonly url: string; readonly key: string } {
    return { url: this.url, key: this.key };
  }

  async router(env: Record<string, string> = {}): Promise<ChildApp> {
    const router = this.add('trigger-router', { ...this.infrastructure, ...env });
    await router.says(/"Routing"/);
    this.routers.push(router);
    return router;
  }

  /** As if all of them had died. */
  async endRouters(): Promise<void> {
    await Promise.all(this.routers.map((router) => router.end('SIGKILL')));
    this.routers.length = 0;
  }

  async executor(name: string, env: Record<string, string> = {}): Promise<ChildApp> {
    const own = { SPOOL_EXECUTOR_NAME: name, SPOOL_DATA_DIR: join(this.dir, name), SPOOL_GATEWAY_URL: this.url };
    return this.add('executor', {
      SPOOL_EXECUTOR_TOKEN: TOKEN,
      SPOOL_GRACE_SECONDS: '1',
      SPOOL_PROBE_CODECS: 'never',
      ...own,
      ...env,
    });
  }

  s3(): S3Client {
    const { endpoint, accessKeyId, secretAccessKey } = this.store;
    const options = { endpoint, region: 'us-east-1', forcePathStyle: true };
    return new S3Client({ ...options, credentials: { accessKeyId, secretAccessKey } });
  }

  /** One request to the API; throws the problem if it is refused. */
  async api<Answer = Record<string, never>>(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.key}`, ...(body ? { 'content-type': 'application/json' } : {}) };
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const response = await fetch(this.url + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as Answer;
  }

  async remove(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.end('SIGKILL')));
    await this.store.close?.();
    await this.postgres.drop();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  private get infrastructure(): Record<string, string> {
    return {
      SPOOL_DATABASE_URL: this.postgres.url,
      SPOOL_S3_ENDPOINT: this.store.endpoint,
      SPOOL_S3_ACCESS_KEY_ID: this.store.accessKeyId,
      SPOOL_S3_SECRET_ACCESS_KEY: this.store.secretAccessKey,
      SPOOL_LEASE_SECONDS: '2',
      ...this.env,
    };
  }

  /** It answers nobody, as if its machine had been cut off. */
  pauseGateway(): void {
    if (this.gateway) process.kill(this.gateway.pid, 'SIGSTOP');
  }

  resumeGateway(): void {
    if (this.gateway) process.kill(this.gateway.pid, 'SIGCONT');
  }

  private async startGateway(): Promise<void> {
    const gateway = this.add('gateway', { ...this.infrastructure, SPOOL_EXECUTOR_TOKEN: TOKEN, SPOOL_PORT: '0' });
    this.gateway = gateway;
    const [key] = await gateway.says(/spool_[\w-]{43}/);
    const [, url = ''] = await gateway.says(/(http:\/\/127\.0\.0\.1:\d+)/);
    Object.assign(this, { key, url });
    await eventually(async () => (await fetch(`${url}/health/ready`)).ok);
  }

  private add(app: AppName, env: Record<string, string>): ChildApp {
    const child = ChildApp.start(app, env);
    this.apps.push(child);
    return child;
  }
}

async function ownStore(dir: string): Promise<Store> {
  const store = await EmbeddedS3.start({ dir: join(dir, 's3'), port: 0, credentials });
  return { endpoint: store.endpoint, ...credentials, close: () => store.close() };
}
