import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.js';
import { InputCache } from './input-cache.js';

const KB = 1024;
const MB = 1024 * KB;

/** A store as far as a task sees it: objects, for who has a grant. */
const objects = new Map<string, Buffer>();
let sent = 0;
let meanwhile: () => Promise<void> | void = () => {};
const store = createServer((request, response) => void serve(request, response));
const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://store');
  const object = objects.get(pathname.slice(1));
  if (searchParams.get('grant') !== 'given') return void response.writeHead(403).end();
  if (!object) return void response.writeHead(404).end();
  response.setHeader('etag', etagOf(object));
  if (request.headers['if-none-match'] === etagOf(object)) return void response.writeHead(304).end();
  response.setHeader('content-length', object.length);
  response.flushHeaders();
  await meanwhile();
  sent += object.length;
  response.end(object);
}

let dir: string;
let cache: InputCache;
beforeAll(() => new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  store.closeAllConnections();
  await new Promise((resolve) => store.close(resolve));
});
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'spool-inputs-'));
  objects.clear();
  sent = 0;
  meanwhile = () => {};
  cache = await opened(4 * MB);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function opened(bytes: number): Promise<InputCache> {
  const env = { SPOOL_EXECUTOR_TOKEN: 'x'.repeat(16), SPOOL_WORK_DIR: dir, SPOOL_INPUT_CACHE_MB: String(bytes / MB) };
  const made = new InputCache(readConfig(env));
  await made.sweep();
  return made;
}

let files = 0;
async function bring(key: string, { grant = 'given', signal = new AbortController().signal } = {}) {
  const { port } = store.address() as AddressInfo;
  const path = join(dir, `task-${files++}`, 'inputs', 'in');
  const url = `http://127.0.0.1:${port}/b/${key}?grant=${grant}`;
  const brought = await cache.bring({ name: 'in', bucket: 'b', key, url }, path, signal);
  return { ...brought, path, content: readFileSync(path) };
}

function upload(key: string, bytes = 200 * KB): Buffer {
  const content = randomBytes(bytes);
  objects.set(`b/${key}`, content);
  return content;
}
const kept = (): string[] => readdirSync(join(dir, 'inputs')).filter((name) => name !== '.boot');

describe('an input that a task had before', () => {
  it('is not fetched again', async () => {
    const film = upload('film');
    expect(await bring('film')).toMatchObject({ bytes: film.length, cachedBytes: 0 });
    const again = await bring('film');
    expect(again).toMatchObject({ bytes: film.length, cachedBytes: film.length });
    expect(again.content.equals(film)).toBe(true);
    expect(sent).toBe(film.length);
  });

  it('is fetched once by tasks that begin at the same time', async () => {
    const film = upload('film');
    const all = await Promise.all([1, 2, 3, 4].map(() => bring('film')));
    expect(all.every(({ content }) => content.equals(film))).toBe(true);
    expect(sent).toBe(film.length);
  });

  it('is never an old one: what has changed in the store is fetched', async () => {
    upload('film');
    await bring('film');
    const changed = upload('film');
    expect((await bring('film')).content.equals(changed)).toBe(true);
    expect(kept()).toHaveLength(1);
  });

  it('is not shown to a task that the store would not show it to', async () => {
    upload('film');
    await bring('film');
    await expect(bring('film', { grant: 'of another' })).rejects.toMatchObject({
      failure: { error: 'Input.Unavailable', cause: expect.stringContaining('403') },
    });
  });

  it('stays as it is, whatever a task does to its own', async () => {
    const film = upload('film');
    for (let n = 0; n < 2; n++) writeFileSync((await bring('film')).path, 'scribbled over');
    expect((await bring('film')).content.equals(film)).toBe(true);
  });
});

describe('the cache', () => {
  it('keeps to its budget: what was used longest ago goes', async () => {
    cache = await opened(MB);
    for (const key of ['a', 'b', 'c']) upload(key, 400 * KB);
    await bring('a');
    await bring('b');
    await bring('a');
    await bring('c');
    expect(cache.bytes).toBe(800 * KB);
    await bring('a');
    expect(sent).toBe(1_200 * KB);
    await bring('b');
    expect(sent).toBe(1_600 * KB);
  });

  it('passes on what is larger than half of it, and what is small, without keeping it', async () => {
    cache = await opened(MB);
    const [large, small] = [upload('large', 600 * KB), upload('small', KB)];
    expect((await bring('large')).content.equals(large)).toBe(true);
    expect((await bring('small')).content.equals(small)).toBe(true);
    expect(kept()).toEqual([]);
  });

  it('keeps nothing with a budget of nothing', async () => {
    cache = await opened(0);
    upload('film');
    await bring('film');
    expect(kept()).toEqual([]);
  });

  it('is there again after a kill, without what was half fetched or is not as long as it was', async () => {
    upload('whole');
    upload('short');
    await bring('whole');
    const [first] = kept();
    await bring('short');
    const short = kept().find((name) => name !== first) as string;
    truncateSync(join(dir, 'inputs', short), 10);
    writeFileSync(join(dir, 'inputs', '.partial-x'), 'half');
    cache = await opened(4 * MB);
    expect(kept()).toEqual([first]);
    expect(await bring('whole')).toMatchObject({ cachedBytes: 200 * KB });
    expect(await bring('short')).toMatchObject({ cachedBytes: 0 });
  });

  it('trusts nothing that is from before the machine went down', async () => {
    upload('film');
    await bring('film');
    writeFileSync(join(dir, 'inputs', '.boot'), 'another boot');
    cache = await opened(4 * MB);
    expect(await bring('film')).toMatchObject({ cachedBytes: 0 });
  });

  it('fetches what somebody has taken away from it', async () => {
    const film = upload('film');
    await bring('film');
    for (const name of kept()) rmSync(join(dir, 'inputs', name));
    expect((await bring('film')).content.equals(film)).toBe(true);
  });
});

describe('a task that waits for what another fetches', () => {
  it('ends when it is cancelled, and the other goes on', async () => {
    const film = upload('film');
    const told = new EventEmitter();
    const sending = once(told, 'sending');
    meanwhile = async () => {
      told.emit('sending');
      await once(told, 'go on');
    };
    const first = bring('film');
    const cancelled = new AbortController();
    const second = bring('film', { signal: cancelled.signal });
    cancelled.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    await sending;
    told.emit('go on');
    expect((await first).content.equals(film)).toBe(true);
  });

  it('fetches it itself if the other is cancelled', async () => {
    const film = upload('film');
    const cancelled = new AbortController();
    meanwhile = () => {
      meanwhile = () => {};
      cancelled.abort();
    };
    const first = bring('film', { signal: cancelled.signal });
    const second = bring('film');
    await expect(first).rejects.toThrow();
    expect((await second).content.equals(film)).toBe(true);
    expect(kept()).toHaveLength(1);
  });
});
