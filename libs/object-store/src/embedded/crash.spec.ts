import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ObjectNotification } from '../object-notifications.js';
import { FreezingFiles } from '../testing/freezing-files.js';
import { until } from '../testing/until.js';
import { IncomingBody } from './body/incoming-body.js';
import { receive } from './operations/receive.js';
import { assembleParts } from './storage/assemble-parts.js';
import type { NewVersion, ObjectVersion } from './storage/object-version.js';
import { openStorage } from './storage/open-storage.js';
import type { Storage } from './storage/storage.js';

const attributes = { contentType: 'text/plain', headers: {}, metadata: {}, tags: {} };

async function* bytes(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

/** What the writer was told is done. */
interface Acknowledged {
  readonly versions: ObjectVersion[];
  readonly removed: string[];
}

async function put(storage: Storage, key: string, text: string, done: Acknowledged): Promise<void> {
  const draft: NewVersion = { key, ...attributes, ...(await receive(storage, new IncomingBody(bytes(text), {}))) };
  done.versions.push(
    await storage.changes.put(storage.buckets.get('media'), draft, { eventName: 'ObjectCreated:Put' }),
  );
}

async function upload(storage: Storage, key: string, done: Acknowledged): Promise<void> {
  const started = await storage.uploads.create({ bucket: 'media', key, attributes });
  const part = await storage.uploads.putPart(started, 1, await receive(storage, new IncomingBody(bytes('part'), {})));
  const version = await storage.uploads.finish(started, () => {
    const whole = assembleParts(started, [part]);
    storage.blobs.hold(whole.segments);
    const draft = { key, uploadId: started.id, ...attributes, ...whole };
    return storage.changes.put(storage.buckets.get('media'), draft, { eventName: 'ObjectCreated:Complete' });
  });
  done.versions.push(version);
}

/** A life: new, replaced, deleted, deleted and new again, uploaded in parts, tagged. */
async function write(storage: Storage, done: Acknowledged): Promise<'finished'> {
  await storage.buckets.create('media');
  await put(storage, 'replaced', 'first', done);
  await put(storage, 'replaced', 'second', done);
  for (const key of ['deleted', 'again']) {
    await put(storage, key, 'x', done);
    await storage.changes.remove(storage.buckets.get('media'), key);
    done.removed.push(key);
  }
  await put(storage, 'again', 'y', done);
  await upload(storage, 'uploaded', done);
  await storage.changes.retag(storage.buckets.get('media'), 'uploaded', { a: 'b' });
  return 'finished';
}

const collect = (storage: Storage, into: ObjectNotification[], signal: AbortSignal) =>
  storage.notifications.listen(async (notification) => void into.push(notification), signal);

const createdIds = (notifications: readonly ObjectNotification[]) =>
  new Set(notifications.filter((one) => one.eventName.startsWith('ObjectCreated')).map((one) => one.versionId));

describe('a server killed at any change of its files', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'spool-crash-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  /** Runs the life up to its nth change of a file, then opens the folder again, as the next process would. */
  async function killedAt(calls: number) {
    const dir = join(root, String(calls));
    const done: Acknowledged = { versions: [], removed: [] };
    const notifications: ObjectNotification[] = [];
    const first = await openStorage(dir);
    const files = await FreezingFiles.after(calls, join(root, 'scratch'));
    void collect(first, notifications, new AbortController().signal);
    const end = await Promise.race([write(first, done), files.frozen]);
    await files.thaw();
    const storage = await openStorage(dir);
    const stop = new AbortController();
    const listening = collect(storage, notifications, stop.signal);
    await until(async () => (await readdir(join(dir, 'journal'))).length === 0);
    stop.abort();
    await listening;
    return { end, done, notifications, storage, dir };
  }

  async function check(calls: number): Promise<string> {
    const { end, done, notifications, storage, dir } = await killedAt(calls);
    const objects = storage.buckets.find('media')?.objects;
    const visible = [...(objects?.all() ?? [])];
    // Nothing lost, nothing invented: a creation is told exactly if it was acknowledged or can be seen.
    const created = new Set([...done.versions, ...visible].map(({ versionId }) => versionId));
    expect({ calls, created: createdIds(notifications) }).toEqual({ calls, created });
    // The last thing told of each key is what is there.
    const last = new Map(notifications.map((one) => [one.key, one]));
    for (const notification of notifications) {
      if (notification.sequencer > last.get(notification.key)!.sequencer) last.set(notification.key, notification);
    }
    for (const { key, eventName, versionId } of last.values()) {
      const current = objects?.get(key)?.versionId;
      expect({ calls, key, current }).toEqual({
        calls,
        key,
        current: eventName.startsWith('ObjectCreated') ? versionId : undefined,
      });
    }
    for (const key of done.removed)
      expect(notifications.some((one) => one.key === key && one.eventName === 'ObjectRemoved:Delete')).toBe(true);
    // What was acknowledged last of a key is still there.
    for (const { key, versionId } of new Map(done.versions.map((version) => [version.key, version])).values()) {
      const isReplaced = notifications.some(
        (one) => one.key === key && one.sequencer > done.versions.findLast((v) => v.versionId === versionId)!.sequencer,
      );
      if (!isReplaced) expect(objects?.get(key)?.versionId).toBe(versionId);
    }
    const isCompleted = (id: string): boolean => visible.some(({ uploadId }) => uploadId === id);
    expect(storage.uploads.of('media').filter(({ id }) => isCompleted(id))).toEqual([]);
    const held = new Set(
      [...visible, ...storage.uploads.of('media').flatMap((one) => [...one.parts.values()])].flatMap(({ segments }) =>
        segments.map(({ blob }) => blob),
      ),
    );
    expect(new Set(await readdir(join(dir, 'blobs')))).toEqual(held);
    expect(await readdir(join(dir, 'tmp'))).toEqual([]);
    await rm(dir, { recursive: true });
    return end;
  }

  it('loses no notification of a visible object and invents none, keeps what it acknowledged, and leaves nothing lying about', async () => {
    let calls = 0;
    while ((await check(calls)) === 'frozen') calls++;
    expect(calls).toBeGreaterThan(50);
  });
});
