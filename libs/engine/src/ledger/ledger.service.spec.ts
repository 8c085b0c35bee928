import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import type { ObjectNotification } from '@app/events';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { DeadLettersService } from '../events/dead-letters.service.js';
import { BucketSweepRepository } from './bucket-sweep.repository.js';
import { LedgerFiguresRepository } from './ledger-figures.repository.js';
import { LedgerService } from './ledger.service.js';
import { StoreNotificationsService } from './store-notifications.service.js';
import { SweepsService } from './sweeps.service.js';

const done = { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never;

let engine: TestEngine;
let ledger: LedgerService;
let sweeps: SweepsService;
let figures: LedgerFiguresRepository;
beforeAll(async () => {
  engine = await createEngine();
  ledger = engine.app.get(LedgerService, { strict: false });
  sweeps = engine.app.get(SweepsService, { strict: false });
  figures = engine.app.get(LedgerFiguresRepository, { strict: false });
  await engine.workflows.deploy('default', { name: 'flow', definition: done });
});
afterAll(() => engine?.close());

let made = 0;
let bucket = '';
beforeEach(async () => {
  bucket = `films-${++made}`;
  await engine.objects.ensureBucket(bucket);
  await watch(bucket);
});

const watch = (name: string, more: object = {}) =>
  engine.triggers.create('default', {
    name,
    kind: 'object',
    source: { bucket, suffix: '.mp4' },
    target: { workflow: 'flow' },
    ...more,
  } as never);

/** What the store tells of the object as it is now. */
const notificationOf = async (key: string, sequencer = '01'): Promise<ObjectNotification> => {
  const { etag, size, lastModified } = await engine.objects.head({ bucket, key });
  return { eventName: 'ObjectCreated:Put', bucket, key, etag, size, sequencer, eventTime: lastModified.toISOString() };
};
const put = (key: string, body = key) => engine.objects.put({ bucket, key }, body);
const sweep = async () => {
  await sweeps.hasten('default', bucket);
  const { database } = engine;
  await database.query(sql`update bucket_sweep set next_at = 'infinity' where bucket <> ${bucket}`);
  while (await sweeps.sweepDue());
};
const startsByKey = async () => {
  const found = await engine.executions.list('default', { workflow: 'flow', limit: 500 });
  const inputs = found.map(({ input }) => (input as { data: { bucket: string; key: string } }).data);
  const counts: Record<string, number> = {};
  for (const { bucket: from, key } of inputs) if (from === bucket) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};

describe('a notification that no row can hold', () => {
  it('is kept in the dead letters, and holds up nothing', async () => {
    const store = engine.app.get(StoreNotificationsService, { strict: false });
    const letters = engine.app.get(DeadLettersService, { strict: false });
    await store.take({ eventName: 'ObjectCreated:Put', bucket, key: 'a\0.mp4', eventTime: '2026-01-01T00:00:00Z' });
    expect(await letters.list('default', { limit: 1 })).toMatchObject([{ kind: 'notification' }]);
    expect(await startsByKey()).toEqual({});
  });
});

describe('an object', () => {
  it('is acted on once when it is notified first, however often, and then listed', async () => {
    await put('a.mp4');
    const notification = await notificationOf('a.mp4');
    for (const _ of [1, 2]) await ledger.notified('default', notification);
    await sweep();
    await sweep();
    expect(await startsByKey()).toEqual({ 'a.mp4': 1 });
    expect(await figures.figures('default', bucket)).toMatchObject({ seen: 1, acted: 1, healed: 0, pending: 0 });
  });

  it('is acted on once when a sweep finds it, and the notification comes late', async () => {
    await put('a.mp4');
    await sweep();
    expect(await figures.figures('default', bucket)).toMatchObject({ seen: 1, acted: 1, healed: 1 });
    await ledger.notified('default', await notificationOf('a.mp4'));
    expect(await startsByKey()).toEqual({ 'a.mp4': 1 });
    expect(await figures.figures('default', bucket)).toMatchObject({ seen: 1, healed: 0 });
  });

  it.each(['01', undefined])(
    'is acted on once when the late notification comes twice, with sequencer %s',
    async (sequencer) => {
      await put('a.mp4');
      await sweep();
      const { sequencer: _, ...notification } = await notificationOf('a.mp4');
      const told = { ...notification, ...(sequencer && { sequencer }) };
      for (let time = 0; time < 2; time += 1) await ledger.notified('default', told);
      await sweep();
      expect(await startsByKey()).toEqual({ 'a.mp4': 1 });
    },
  );

  it('is acted on once when both come at the same time', async () => {
    await put('a.mp4');
    const notification = await notificationOf('a.mp4');
    await Promise.all([ledger.notified('default', notification), sweep(), ledger.notified('default', notification)]);
    expect(await startsByKey()).toEqual({ 'a.mp4': 1 });
  });

  it('that is put again is another version, whichever of them was told of', async () => {
    await put('a.mp4', 'one');
    await ledger.notified('default', await notificationOf('a.mp4', '01'));
    await put('a.mp4', 'two');
    await sweep();
    expect(await startsByKey()).toEqual({ 'a.mp4': 2 });
    await put('a.mp4', 'three');
    await ledger.notified('default', await notificationOf('a.mp4', '03'));
    await sweep();
    expect(await startsByKey()).toEqual({ 'a.mp4': 3 });
    expect(await figures.figures('default', bucket)).toMatchObject({ seen: 3, healed: 1 });
  });

  it('with the same bytes as before is another version, if it is told of as one', async () => {
    await put('a.mp4', 'same');
    await ledger.notified('default', await notificationOf('a.mp4', '01'));
    await sweep();
    await put('a.mp4', 'same');
    await ledger.notified('default', await notificationOf('a.mp4', '02'));
    expect(await startsByKey()).toEqual({ 'a.mp4': 2 });
  });

  it('that no trigger waits for is in no ledger', async () => {
    await put('a.txt');
    await ledger.notified('default', await notificationOf('a.txt'));
    await sweep();
    expect(await figures.figures('default', bucket)).toMatchObject({ seen: 0 });
  });

  it("from before its trigger was made is nobody's", async () => {
    await engine.database.query(sql`
      update trigger set created_at = now() + interval '1 hour' where name = ${bucket}`);
    await put('a.mp4');
    await sweep();
    expect(await startsByKey()).toEqual({});
  });

  it('is found by its type, which only a look at it tells', async () => {
    const pattern = { data: { contentType: ['video/x-special'] } };
    await watch(`${bucket}-typed`, { source: { bucket }, pattern });
    await engine.objects.put({ bucket, key: 'special' }, 'x', { contentType: 'video/x-special' });
    await engine.objects.put({ bucket, key: 'ordinary' }, 'x', { contentType: 'text/plain' });
    await sweep();
    expect(await startsByKey()).toEqual({ special: 1 });
  });
});

describe('a bucket of which notifications are lost and doubled', () => {
  it('is acted on whole, each object once, and says what was healed', async () => {
    const keys = Array.from({ length: 50 }, (_, n) => `dir/${n % 7}/film ${n}.mp4`);
    for (const key of keys) await put(key);
    for (const [n, key] of keys.entries()) {
      if (n % 10 === 0) continue;
      const notification = await notificationOf(key);
      const times = n % 3 === 0 ? 2 : 1;
      for (let time = 0; time < times; time++) await ledger.notified('default', notification);
    }
    await Promise.all([sweep(), sweep()]);
    expect(await startsByKey()).toEqual(Object.fromEntries(keys.map((key) => [key, 1])));
    const ledgerNow = await figures.figures('default', bucket);
    expect(ledgerNow).toMatchObject({ seen: 50, acted: 50, healed: 5, pending: 0 });
    const healed = await figures.list('default', bucket, true, 100);
    expect(healed.map(({ key }) => key).toSorted()).toEqual(keys.filter((_, n) => n % 10 === 0).toSorted());
  });
});

describe('a sweep', () => {
  it('says why it could not read a bucket, and forgets one that nobody waits for any more', async () => {
    const missing = `${bucket}-missing`;
    await watch(missing, { source: { bucket: missing } });
    await sweeps.hasten('default', missing);
    await engine.database.query(sql`update bucket_sweep set next_at = 'infinity' where bucket <> ${missing}`);
    expect(await sweeps.sweepDue()).toBe(true);
    expect((await figures.sweep('default', missing))?.error).toContain(missing);
    await engine.triggers.delete('default', missing);
    await engine.database.query(sql`update bucket_sweep set next_at = now() where bucket = ${missing}`);
    await sweeps.sweepDue();
    expect(await figures.sweep('default', missing)).toBeUndefined();
  });

  it('that was passed by what nobody heard of is followed by another at once', async () => {
    const repository = engine.app.get(BucketSweepRepository, { strict: false });
    const dueInMs = async () =>
      (
        await engine.database.query<{ ms: number }>(sql`
        select (extract(epoch from next_at - now()) * 1000)::float8 as ms from bucket_sweep where bucket = ${bucket}`)
      )[0]!.ms;
    const page = async (next?: string): Promise<void> => {
      await engine.database.query(sql`
        update bucket_sweep set next_at = case when bucket = ${bucket} then now() else 'infinity' end`);
      const claimed = await repository.claim(60);
      expect(claimed?.bucket).toBe(bucket);
      await repository.savePage(claimed!, { listed: 1, healed: 0, ...(next && { next }) }, 60);
    };
    await repository.insertMissing();
    await page('m');
    await sweeps.hastenEverywhere(bucket);
    await page();
    expect(await dueInMs()).toBeLessThanOrEqual(0);
    await page();
    expect(await dueInMs()).toBeGreaterThan(30_000);
  });
});
