import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { StoreNotificationsService } from '../ledger/store-notifications.service.js';
import { SettlingService } from './settling.service.js';

const done = { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never;

let engine: TestEngine;
let store: StoreNotificationsService;
let settling: SettlingService;
beforeAll(async () => {
  engine = await createEngine();
  store = engine.app.get(StoreNotificationsService, { strict: false });
  settling = engine.app.get(SettlingService, { strict: false });
  await engine.workflows.deploy('default', { name: 'flow', definition: done });
});
afterAll(() => engine?.close());

let made = 0;
let bucket = '';
beforeEach(async () => {
  bucket = `films-${++made}`;
  await engine.objects.ensureBucket(bucket);
});

const watch = (source: object) =>
  engine.triggers.create('default', {
    name: bucket,
    kind: 'object',
    source: { bucket, ...source },
    target: { workflow: 'flow' },
  } as never);
let sequence = 0;
/** Puts an object, and tells of it as a store would. */
async function upload(key: string, body = key): Promise<void> {
  await engine.objects.put({ bucket, key }, body);
  const { etag, size, lastModified } = await engine.objects.head({ bucket, key });
  const sequencer = String(++sequence);
  await store.take({ eventName: 'ObjectCreated:Put', bucket, key, etag, size, sequencer, eventTime: lastModified });
}
/** Lets the time pass for which objects wait. */
const pass = (seconds: number) =>
  engine.database.query(sql`
    update delivery set due_at = due_at - make_interval(secs => ${seconds}),
                        created_at = created_at - make_interval(secs => ${seconds})`);
const run = () => settling.runDue(100);
const started = async (): Promise<string[]> => {
  const found = await engine.executions.list('default', { workflow: 'flow', limit: 500 });
  const data = found.map(({ input }) => (input as { data: { bucket: string; key: string } }).data);
  return data.flatMap(({ bucket: from, key }) => (from === bucket ? [key] : []));
};
const waiting = async () =>
  (
    await engine.database.query<{ n: number }>(sql`
    select count(*)::int as n from delivery where source = ${`/objects/${bucket}`}`)
  )[0]?.n;

describe('a trigger that waits for a quiet period', () => {
  beforeEach(() => watch({ settle: { quietSeconds: 30 } }));

  it('starts once for an object that stays as it is, and not before', async () => {
    await upload('a.mp4');
    await run();
    expect(await started()).toEqual([]);
    await pass(30);
    await Promise.all([run(), run()]);
    expect(await started()).toEqual(['a.mp4']);
    expect(await waiting()).toBe(0);
  });

  it('starts for the last of several versions only', async () => {
    for (const body of ['1', '12', '123']) await upload('growing.mp4', body);
    await pass(30);
    await run();
    expect(await started()).toEqual(['growing.mp4']);
    const [{ input } = { input: undefined }] = await engine.executions.list('default', { workflow: 'flow', limit: 1 });
    expect(input).toMatchObject({ data: { size: 3 } });
  });

  it('starts nothing for an object that was taken away', async () => {
    await upload('a.mp4');
    await engine.objects.delete({ bucket, key: 'a.mp4' });
    await pass(30);
    await run();
    expect([await started(), await waiting()]).toEqual([[], 0]);
  });

  it('is not forgotten by a router that dies while it looks: the next one looks when the lease has run out', async () => {
    await upload('a.mp4');
    await pass(30);
    await engine.database.query(sql`
      update delivery set attempts = attempts + 1, due_at = now() + interval '60 seconds'`);
    await run();
    expect(await started()).toEqual([]);
    await pass(60);
    await run();
    expect(await started()).toEqual(['a.mp4']);
  });
});

describe('a trigger that waits for a marker', () => {
  it('starts when the marker comes, told of or not, and never for the marker itself', async () => {
    await watch({ settle: { marker: '{key}.done' } });
    await upload('a.mp4');
    await upload('b.mp4');
    await run();
    expect(await started()).toEqual([]);
    await upload('a.mp4.done', '');
    await run();
    expect(await started()).toEqual(['a.mp4']);
    await engine.objects.put({ bucket, key: 'b.mp4.done' }, '');
    await pass(300);
    await run();
    expect((await started()).toSorted()).toEqual(['a.mp4', 'b.mp4']);
  });

  it('starts for all objects of a folder when its manifest comes', async () => {
    await watch({ settle: { marker: '{dir}manifest.json' } });
    for (const key of ['one/a.mp4', 'one/b.srt', 'two/c.mp4']) await upload(key);
    await upload('one/manifest.json', '{}');
    await run();
    expect((await started()).toSorted()).toEqual(['one/a.mp4', 'one/b.srt']);
  });

  it('gives up in the end, and starts all the same when the dead letter is redriven', async () => {
    await watch({ settle: { marker: '{key}.done', timeoutSeconds: 600 } });
    await upload('a.mp4');
    await pass(601);
    await run();
    expect([await started(), await waiting()]).toEqual([[], 0]);
    const { DeadLettersService } = await import('./dead-letters.service.js');
    const letters = engine.app.get(DeadLettersService, { strict: false });
    const [letter] = await letters.list('default', { trigger: bucket, limit: 1 });
    expect(letter).toMatchObject({ error: 'Settle.TimedOut' });
    await letters.redrive('default', letter!.id);
    expect(await started()).toEqual(['a.mp4']);
  });
});

const putWith = async (key: string, body: string, contentType: string, stage: string) => {
  await engine.objects.put({ bucket, key }, body, { contentType, metadata: { stage } });
  const { etag, lastModified } = await engine.objects.head({ bucket, key });
  await store.take({ eventName: 'ObjectCreated:Put', bucket, key, etag, eventTime: lastModified });
};

describe('facts that a store does not tell', () => {
  it('are looked up when a trigger asks for them', async () => {
    await watch({ contentType: 'video/*', metadata: { stage: 'final' }, size: { min: 3 } });
    await putWith('right', '123', 'video/mp4', 'final');
    await putWith('small', '12', 'video/mp4', 'final');
    await putWith('sound', '123', 'audio/mp4', 'final');
    await putWith('raw', '123', 'video/mp4', 'raw');
    expect(await started()).toEqual(['right']);
  });
});
