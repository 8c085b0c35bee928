import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { EmbeddedPostgres } from './embedded-postgres.js';

const dir = mkdtempSync(join(tmpdir(), 'spool-pg-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function answer(url: string, text: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows[0];
  } finally {
    await client.end();
  }
}

it('keeps what was committed when it is stopped and started again', async () => {
  const first = await EmbeddedPostgres.start({ dir });
  await answer(first.url, 'create table kept (n int)');
  await answer(first.url, 'insert into kept values (7)');
  await first.stop();
  const second = await EmbeddedPostgres.start({ dir });
  expect(await answer(second.url, 'select n from kept')).toEqual({ n: 7 });
  await second.stop();
});

it('attaches to a server that is still running instead of starting a second one', async () => {
  const first = await EmbeddedPostgres.start({ dir });
  const again = await EmbeddedPostgres.start({ dir });
  expect(again.url).toBe(first.url);
  const backend = 'select pg_postmaster_start_time()::text as started';
  expect(await answer(again.url, backend)).toEqual(await answer(first.url, backend));
  await first.stop();
});

it('starts, as root too, where there are no user namespaces, below a folder that only its owner may enter', async () => {
  const own = mkdtempSync(join(tmpdir(), 'spool-pg-own-')); // mkdtemp makes it 0700.
  const programs = join(own, 'programs');
  mkdirSync(programs);
  for (const name of ['setpriv', 'true']) {
    const found = ['/bin', '/usr/bin'].map((folder) => join(folder, name)).find((file) => existsSync(file));
    if (found) symlinkSync(found, join(programs, name));
  }
  const path = process.env['PATH'];
  process.env['PATH'] = programs;
  try {
    const server = await EmbeddedPostgres.start({ dir: join(own, 'data') });
    expect(await answer(server.url, 'select 1 as n')).toEqual({ n: 1 });
    await server.stop();
    const again = await EmbeddedPostgres.start({ dir: join(own, 'data') });
    await again.stop();
  } finally {
    process.env['PATH'] = path;
    rmSync(own, { recursive: true, force: true });
  }
});
