import { sql } from '@app/common';
import {
  AsynchronousCallsService,
  DeadLettersService,
  LanesService,
  ReplaysService,
  TopicIntakeService,
} from '@app/engine';
import { cloudEvent, topicEvent } from '@app/events';
import { LaneFrame } from '@app/worker-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import type { TopicTrigger } from '../triggers/trigger.js';
import { PayloadCollectionService } from './payload-collection.service.js';

let engine: TestEngine;
let letters: DeadLettersService;
let collection: PayloadCollectionService;
const service = <Service>(type: abstract new (...given: never[]) => Service) =>
  engine.app.get(type, { strict: false }) as Service;
beforeAll(async () => {
  engine = await createEngine();
  letters = service(DeadLettersService);
  collection = service(PayloadCollectionService);
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
  const States = { A: { Type: 'Pass', End: true } };
  await engine.workflows.deploy('default', { name: 'take', definition: { StartAt: 'A', States } as never });
});
afterAll(() => engine.close());

const pattern = { type: ['large.came'] };
let count = 0;
const large = (bytes = 400_000) => ({ mark: `large-${++count}`, text: 'x'.repeat(bytes) });
const newEvent = (data: unknown, id = uuid()) =>
  cloudEvent({ id, source: '/large', type: 'large.came', time: new Date().toISOString(), data });
const trigger = (name: string, rest: object) => engine.triggers.create('default', { name, ...rest } as never);

/** The widest row of all tables that a trigger's transaction writes into. */
async function widest(): Promise<number> {
  const [row] = await engine.database.query<{ bytes: number }>(sql`
    select greatest(
      (select max(pg_column_size(to_jsonb(e))) from event e), (select max(pg_column_size(to_jsonb(d))) from dead_letter d),
      (select max(pg_column_size(to_jsonb(e))) from execution e), (select max(pg_column_size(to_jsonb(f))) from frame f),
      (select max(pg_column_size(to_jsonb(t))) from task t), (select max(octet_length(events::text)) from history)) as bytes`);
  return row?.bytes ?? 0;
}
/** A day and more later, for everything in the store. */
async function collect(): Promise<void> {
  await engine.database.query(sql`update payload set touched_at = now() - interval '2 days'`);
  await collection.run();
}
const started = async (triggerName: string) => {
  const { id: triggerId } = await engine.triggers.get('default', triggerName);
  const found = await engine.executions.list('default', { triggerId, limit: 50 });
  return Promise.all(found.map(({ id }) => engine.executions.get('default', id)));
};

describe('an event with more than 256 KiB of data', () => {
  it('starts what waits for it with all of it, once, and no row is large by it', async () => {
    await trigger('whole', { kind: 'event', source: {}, pattern, target: { workflow: 'take' } });
    const event = newEvent(large());
    const taken = [await engine.events.ingest('default', event), await engine.events.ingest('default', event)];
    expect(taken.map(({ duplicate }) => duplicate)).toEqual([false, true]);
    expect(await started('whole')).toMatchObject([{ status: 'SUCCEEDED', input: { id: event.id, data: event.data } }]);
    expect(await engine.events.get('default', event.source, event.id)).toMatchObject({ data: event.data });
    expect(await widest()).toBeLessThan(20_000);
    await engine.triggers.delete('default', 'whole');
  });

  it('may be one of many that come together, of which each target gets something else', async () => {
    await trigger('parts', {
      kind: 'event',
      source: {},
      pattern,
      target: { workflow: 'take' },
      input: { 'only.$': '$.data' },
    });
    const events = Array.from({ length: 5 }, () => newEvent(large()));
    await engine.events.ingestAll('default', events);
    expect((await started('parts')).map(({ input }) => input).toReversed()).toEqual(
      events.map(({ data }) => ({ only: data })),
    );
    expect(await widest()).toBeLessThan(20_000);
    await engine.triggers.delete('default', 'parts');
  });

  it('is left out of the list of events, which says where it is', async () => {
    const event = newEvent(large());
    await engine.events.ingest('default', event);
    const [listed] = await engine.events.list('default', { limit: 1 });
    expect(listed).toMatchObject({ id: event.id, data: null, dataRef: { bytes: expect.any(Number) } });
  });

  it('stays in the store as long as the event does', async () => {
    const [kept, gone] = [newEvent(large()), newEvent(large())];
    for (const event of [kept, gone]) await engine.events.ingest('default', event);
    await engine.database.query(sql`delete from event where id = ${gone.id}`);
    const objects = async () => (await engine.database.query(sql`select from payload`)).length;
    const before = await objects();
    await collect();
    expect(await objects()).toBeLessThan(before);
    expect(await engine.events.get('default', kept.source, kept.id)).toMatchObject({ data: kept.data });
  });

  it('is replayed and, when nothing can be started for it, lies with the dead letters and is redriven from there', async () => {
    const gone = { kind: 'event', source: {}, pattern, target: { workflow: 'take' }, input: { 'x.$': '$.missing' } };
    await trigger('broken', gone);
    const event = newEvent(large());
    await engine.events.ingest('default', event);
    const [letter] = await letters.list('default', { limit: 1, trigger: 'broken' });
    expect(letter).toMatchObject({ payload: { event: { id: event.id, data: null } }, refs: { 'event.data': {} } });
    await engine.database.query(sql`delete from event where id = ${event.id}`);
    await collect();
    expect((await letters.get('default', letter!.id)).payload).toMatchObject({ event: { data: event.data } });
    const { input: _broken, ...mended } = gone;
    await engine.triggers.update('default', 'broken', { ...mended, name: 'broken' });
    await letters.redrive('default', letter!.id);
    const again = newEvent(large());
    await engine.events.ingest('default', again);
    await service(ReplaysService).replay('default', again.source, again.id, 'broken');
    const inputs = (await started('broken')).map(({ input }) => (input as { data: unknown }).data);
    expect(inputs).toEqual([again.data, again.data, event.data]);
    expect(await widest()).toBeLessThan(20_000);
    await engine.triggers.delete('default', 'broken');
  });

  it('may be a message of a topic, also of many that start together', async () => {
    await trigger('messages', { kind: 'topic', source: { topic: 'wide' }, target: { workflow: 'take' } });
    const found = (await engine.triggers.get('default', 'messages')) as TopicTrigger;
    const bodies = [large(), { small: true }, large()];
    const messages = bodies.map((body, offset) => ({
      partition: 0,
      offset: String(offset),
      key: undefined,
      headers: {},
      publishedAt: new Date(),
      value: Buffer.from(JSON.stringify(body)),
    }));
    const [row] = await engine.database
      .query<{ generation: number }>(sql`
      select generation from topic_place where trigger_id = ${found.id}`)
      .catch(() => []);
    await service(TopicIntakeService).take(found, row?.generation ?? 0, messages as never);
    expect(await widest()).toBeLessThan(20_000);
    const first = topicEvent({ ...messages[0]!, topic: 'wide' } as never);
    expect((await started('messages')).map(({ input }) => input)).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ value: (first.data as { value: unknown }).value }) }),
    );
  });
});

describe('a large value of an invocation', () => {
  it('that goes past the queue is in the store when its record is written, the event as the result', async () => {
    const lanes = service(LanesService);
    const files = { 'index.mjs': 'export const handler = () => 1' };
    await engine.functions.deploy('default', { name: 'fast', runtime: 'nodejs', files });
    const version = await engine.functions.get('default', 'fast');
    const pushed: number[] = [];
    const lane = lanes.connect({
      executorId: uuid(),
      send: (type, number) => void (type === LaneFrame.Call && pushed.push(number)),
      close: () => lane.closed(),
    })!;
    const tell = (type: number, number: number, head: object, body = '') =>
      lane.receive({ type, call: number, head: JSON.stringify(head), body: Buffer.from(body) });
    tell(LaneFrame.Warm, 0, { ref: 1, versionId: version.id, namespace: 'default', instances: 1 });
    const [event, output, id] = [large(), large(), uuid()];
    const given = { id, namespace: 'default', version, createdAt: performance.now() };
    const ended = new Promise((resolve) => {
      lanes.call({ ...given, event: Buffer.from(JSON.stringify(event)) }, resolve);
    });
    tell(LaneFrame.Ended, pushed[0]!, { status: 'SUCCEEDED', usage: { wallMs: 1, cpuMs: 1 } }, JSON.stringify(output));
    await ended;
    expect(await engine.invocations.get('default', id)).toMatchObject({ payload: event, output, lane: 'fast' });
    expect(await widest()).toBeLessThan(20_000);
    await collect();
    expect(await engine.invocations.get('default', id)).toMatchObject({ payload: event, output });
    lane.closed();
  });

  it('that nobody waits for stays with its dead letter when the record of the invocation is gone', async () => {
    const calls = service(AsynchronousCallsService);
    const config = {
      maximumRetryAttempts: 0,
      maximumEventAgeSeconds: 600,
      retryIntervalSeconds: 1,
      deduplicationSeconds: 1,
    };
    await calls.setConfig('default', 'work', config);
    const input = large();
    const { id } = await calls.invoke('default', 'work', { input });
    const [task] = await engine.claim();
    await engine.fail(task!, { error: 'Broken', cause: '' });
    await engine.database.query(sql`delete from task where id = ${id}`);
    await collect();
    const letter = (await letters.list('default', { limit: 50 })).find(({ kind }) => kind === 'invocation');
    expect(await letters.get('default', letter!.id)).toMatchObject({ payload: { event: input } });
    await letters.redrive('default', letter!.id);
    const [again] = await engine.claim();
    expect((await engine.invocations.get('default', again!.id)).payload).toEqual(input);
  });
});
