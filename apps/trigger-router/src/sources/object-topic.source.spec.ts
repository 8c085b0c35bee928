import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreNotificationsService, DeadLettersService } from '@app/engine';
import { EventBus } from '@app/event-bus';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { eventually } from '../../../../test/support/standalone.js';
import { ObjectTopicSource } from './object-topic.source.js';

const done = { StartAt: 'S', States: { S: { Type: 'Succeed' } } } as never;

let engine: TestEngine;
let bus: EventBus;
let sources: ObjectTopicSource[] = [];
beforeAll(async () => {
  engine = await createEngine();
  bus = engine.app.get(EventBus);
  const store = engine.app.get(StoreNotificationsService, { strict: false });
  await engine.workflows.deploy('default', { name: 'flow', definition: done });
  const trigger = { name: 'films', kind: 'object', source: { bucket: 'films' }, target: { workflow: 'flow' } } as const;
  await engine.triggers.create('default', trigger as never);
  sources = [1, 2].map(() => new ObjectTopicSource(bus, store, 'store-events'));
  for (const source of sources) source.onApplicationBootstrap();
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.onModuleDestroy()));
  await engine?.close();
});

const publish = (...values: readonly (object | string)[]) =>
  bus.publish(
    'store-events',
    values.map((value) => ({ value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) })),
  );
const record = (key: string, more: object = {}) => ({
  eventName: 's3:ObjectCreated:Put',
  eventTime: '2026-01-01T00:00:00Z',
  s3: { bucket: { name: 'films' }, object: { key, eTag: key, sequencer: key, size: 1 } },
  ...more,
});
const started = async () =>
  (await engine.executions.list('default', { workflow: 'flow', limit: 100 }))
    .map(({ input }) => (input as { subject: string }).subject)
    .toSorted();

describe('a topic that object stores publish to', () => {
  it('starts once for each object, in the words of MinIO, Ceph and versitygw, whichever router reads it', async () => {
    await publish(
      { EventName: 's3:ObjectCreated:Put', Key: 'films/minio', Records: [record('minio')] },
      { EventName: 's3:ObjectCreated:Put', Key: 'films/minio', Records: [record('minio')] },
      { Records: [record('ceph+1', { eventSource: 'ceph:s3', eventName: 'ObjectCreated:Put' })] },
      [{ ...record('versity'), eventSource: 'aws:s3' }],
      { Service: 'S3', Event: 's3:TestEvent', Bucket: 'films' },
      '',
    );
    await eventually(async () => (await started()).length >= 3);
    expect(await started()).toEqual(['ceph+1', 'minio', 'versity']);
  });

  it('keeps what cannot be read, and goes on behind it', async () => {
    await publish('no JSON', { Records: [{ eventName: 'ObjectCreated:Put' }, record('behind')] });
    await eventually(async () => (await started()).includes('behind'));
    const letters = engine.app.get(DeadLettersService, { strict: false });
    const found = await letters.list('default', { limit: 10 });
    expect(found.map(({ kind, cause }) => [kind, cause]).toSorted()).toEqual([
      ['notification', '(body): must be JSON: a notification of an object store'],
      ['notification', expect.stringContaining('/Records/0/')],
    ]);
  });
});
