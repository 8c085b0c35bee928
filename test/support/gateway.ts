import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiKeysService, InfrastructureModule } from '@app/engine';
import { EmbeddedS3 } from '@app/object-store';
import { type DynamicModule, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createGateway } from '../../apps/gateway/src/application.js';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { createTestDatabase, type TestDatabase } from './database.js';

export const EXECUTOR_TOKEN = 'a-token-for-executors';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

interface Route {
  readonly method: string;
  readonly url: string;
}

export interface TestGateway {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly key: string;
  readonly database: TestDatabase['database'];
  readonly databaseUrl: string;
  readonly consoleDir: string;
  /** Every route that the server has. */
  readonly routes: readonly Route[];
  /** With the key, and JSON, unless `init` says otherwise. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

@Module({})
class TestProcess {
  static of(imports: DynamicModule[]): DynamicModule {
    return { module: TestProcess, imports };
  }
}

/** A whole gateway on a database and an S3 server of its own, listening on a free port. */
export async function startTestGateway(): Promise<TestGateway> {
  const dir = await mkdtemp(join(tmpdir(), 'spool-gateway-'));
  const postgres = await createTestDatabase();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
  const server = await EmbeddedS3.start({ dir: join(dir, 's3'), port: 0, credentials });
  const { endpoint } = server;
  const s3 = { endpoint, publicEndpoint: endpoint, region: 'us-east-1', ...credentials, forcePathStyle: true };
  const settings = {
    s3,
    executorToken: EXECUTOR_TOKEN,
    logLevel: 'silent' as const,
    region: 'eu-west-3',
    consoleDir: join(dir, 'console'),
    workers: { leaseSeconds: 30, reserveAfterSeconds: 30, heartbeatSeconds: 5 },
  };
  const database = { url: postgres.url, maxConnections: 8 };
  const infrastructure = InfrastructureModule.forRoot({ database, s3, eventBus: { kind: 'postgres' } });
  const app = await createGateway(TestProcess.of([infrastructure, GatewayModule.forRoot(settings)]), settings);
  const routes = collectRoutes(app);
  app.useLogger(false);
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const { key } = await app.get(ApiKeysService, { strict: false }).create('default', 'test');
  return {
    app,
    url,
    key,
    database: postgres.database,
    databaseUrl: postgres.url,
    consoleDir: settings.consoleDir,
    routes,
    fetch: (path, init) => fetch(url + path, { redirect: 'manual', ...init }),
    call: (method, path, body, headers) =>
      call(url + path, { method, headers: { authorization: `Bearer ${key}`, ...headers } }, body),
    async close() {
      await app.close();
      await server.close();
      await postgres.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function collectRoutes(app: NestFastifyApplication): Route[] {
  const routes: Route[] = [];
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', ({ method, url }: { method: string | string[]; url: string }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push({ method: one, url });
    });
  return routes;
}

async function call(
  url: string,
  init: RequestInit & { headers: Record<string, string> },
  body: unknown,
): Promise<Answer> {
  const json = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...init.headers };
  const response = await fetch(url, { redirect: 'manual', ...init, ...json, headers });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
