import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedS3 } from '@app/object-store';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-ports.js';

const MAIN = join(__dirname, '../../dist/apps/gateway/src/main.js');

describe('the gateway as a process', () => {
  let dir: string;
  let postgres: TestDatabase;
  let s3: EmbeddedS3;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'spool-process-'));
    postgres = await createTestDatabase();
    s3 = await EmbeddedS3.start({ dir, port: 0, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await s3?.close();
    await postgres?.drop();
    await rm(dir, { recursive: true, force: true });
  });

  const start = (env: Record<string, string>) => {
    const started = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { text: '' };
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk) => (output.text += String(chunk)));
    child = started;
    return { exited: once(started, 'exit'), output, stop: () => started.kill('SIGTERM') };
  };

  it('serves on a database and a store of others, shows the first key once, and ends when told to', async () => {
    const port = await freePort();
    const env = {
      SPOOL_DATABASE_URL: postgres.url,
      SPOOL_PORT: String(port),
      SPOOL_EXECUTOR_TOKEN: 'a-token-for-executors',
      SPOOL_S3_ENDPOINT: s3.endpoint,
      SPOOL_S3_ACCESS_KEY_ID: 'a',
      SPOOL_S3_SECRET_ACCESS_KEY: 'b',
    };
    const first = start(env);
    await until(() => /first API key/.test(first.output.text));
    const [key = ''] = /spool_[\w-]{43}/.exec(first.output.text) ?? [];
    const url = `http://127.0.0.1:${port}`;
    expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ status: 'ok' });
    const listed = await fetch(`${url}/v1/functions`, { headers: { 'x-api-key': key, 'x-request-id': 'in-the-log' } });
    const { items } = (await listed.json()) as { items: { name: string }[] };
    expect(items.map(({ name }) => name)).toContain('media.probe');
    await until(() => first.output.text.includes('in-the-log'));
    const [line = ''] = first.output.text.split('\n').filter((text) => text.includes('in-the-log'));
    expect(JSON.parse(line)).toMatchObject({
      req: { id: 'in-the-log', path: '/v1/functions' },
      res: { statusCode: 200 },
    });
    expect(first.output.text.split(key)).toHaveLength(2);
    first.stop();
    expect(await first.exited).toEqual([0, null]);

    const second = start(env);
    await until(() => second.output.text.includes('successfully started'));
    expect(second.output.text).not.toContain('API key');
    second.stop();
    await second.exited;
  });

  it('says everything that is wrong with its environment at once', async () => {
    const env = {
      SPOOL_DATABASE_URL: 'mysql://x',
      SPOOL_PORT: '70000',
      SPOOL_EXECUTOR_TOKEN: 'short',
      SPOOL_EVENT_BUS: 'kafka',
    };
    const started = start(env);
    expect(await started.exited).toEqual([1, null]);
    for (const name of ['SPOOL_DATABASE_URL', 'SPOOL_PORT', 'SPOOL_EXECUTOR_TOKEN', 'SPOOL_S3_ENDPOINT']) {
      expect(started.output.text).toContain(name);
    }
    expect(started.output.text).not.toContain('    at ');
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
