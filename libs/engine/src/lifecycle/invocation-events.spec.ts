import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { v7 as uuid } from 'uuid';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { eventually } from '../../../../test/support/standalone.js';
import { AsynchronousCallsService } from '../asynchronous/asynchronous-calls.service.js';
import type { CallRecord, FastEnd } from '../fast-lane/call-record.js';
import { CallRecordRepository } from '../fast-lane/call-record.repository.js';
import { LifecycleInterests } from './lifecycle-interests.service.js';
import { LifecyclePublisher } from './lifecycle-publisher.service.js';
import { SubscriptionsService } from './subscriptions.service.js';

interface Told {
  readonly type: string;
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
}

let engine: TestEngine;
let subscriptions: SubscriptionsService;
let interests: LifecycleInterests;
beforeAll(async () => {
  engine = await createEngine();
  subscriptions = engine.app.get(SubscriptionsService, { strict: false });
  interests = engine.app.get(LifecycleInterests, { strict: false });
  const code = { 'index.mjs': 'export const handler = () => 1' };
  for (const name of ['f', 'g']) await engine.functions.deploy('default', { name, runtime: 'nodejs', files: code });
});
afterAll(() => engine?.close());
beforeEach(async () => {
  await engine.database.query(sql`delete from subscription`);
  await engine.database.query(sql`delete from trigger`);
  await engine.database.query(sql`delete from lifecycle_event`);
  await engine.database.query(sql`delete from task`);
  await interests.refresh();
});

let made = 0;
const subscribe = async (change: object = { functions: ['f'] }) => {
  const name = `watch-${++made}`;
  await subscriptions.create('default', { name, destination: { topic: name }, ...change });
  await interests.refresh();
  return name;
};
const told = async (topic: string): Promise<Told[]> => {
  const publisher = engine.app.get(LifecyclePublisher, { strict: false });
  while ((await publisher.publishDue()) > 0);
  const rows = await engine.database.query<{ value: Buffer }>(
    sql`select value from bus_message where topic = ${topic} order by message_offset`,
  );
  return rows.map(({ value }) => JSON.parse(value.toString()) as Told);
};
const types = async (topic: string) => (await told(topic)).map(({ type }) => type.replace('spool.invocation.', ''));
const rows = () => engine.database.query(sql`select from lifecycle_event`);
const invoke = (name: string, input: unknown = {}) =>
  engine.invocations.invoke('default', name, { input: input as never });
/** An executor takes it, as it takes all. */
const begin = (id: string) =>
  eventually(async () => {
    const free = { slots: 100, memoryMb: 100_000, vcpu: 1_000 };
    const { tasks } = await engine.workers.poll(engine.executorId, { free, running: [], results: [], waitMs: 0 });
    return tasks.some((task) => task.id === id);
  });
const report = async (id: string, output: unknown) => {
  const task = await engine.invocations.get('default', id);
  expect(await engine.report(task, output)).toBe(true);
};
const fail = async (id: string, error = 'Bad') =>
  engine.fail(await engine.invocations.get('default', id), { error, cause: 'said so' });

describe('an invocation through the queue', () => {
  it('tells that it has begun and what it gave, in that order', async () => {
    const topic = await subscribe();
    const { id } = await invoke('f', { n: 1 });
    await begin(id);
    await report(id, { m: 2 });
    expect(await told(topic)).toMatchObject([
      {
        type: 'spool.invocation.started',
        source: '/functions/f',
        subject: id,
        data: {
          invocationId: id,
          function: 'f',
          version: 1,
          status: 'RUNNING',
          attempt: 1,
          lane: 'queue',
          input: { n: 1 },
        },
      },
      {
        type: 'spool.invocation.succeeded',
        id: `${id}/succeeded/1`,
        data: { status: 'SUCCEEDED', input: { n: 1 }, output: { m: 2 }, endedAt: expect.any(String) },
      },
    ]);
    expect(await rows()).toEqual([]);
  });

  it('tells that it failed or was cancelled, begun or not', async () => {
    const topic = await subscribe();
    const failed = (await invoke('f')).id;
    await begin(failed);
    await fail(failed);
    const cancelled = (await invoke('f')).id;
    await engine.invocations.cancel('default', cancelled);
    const events = await told(topic);
    const of = (id: string) =>
      events.filter(({ subject }) => subject === id).map(({ type, data }) => [type, data.error]);
    expect(of(failed)).toEqual([
      ['spool.invocation.started', undefined],
      ['spool.invocation.failed', 'Bad'],
    ]);
    expect(of(cancelled)).toEqual([['spool.invocation.cancelled', undefined]]);
  });

  it('that nobody waits for tells each beginning, and its end once', async () => {
    const topic = await subscribe();
    const { id } = await engine.app
      .get(AsynchronousCallsService, { strict: false })
      .invoke('default', 'f', { input: 1 });
    await begin(id);
    await fail(id);
    await engine.database.query(sql`update task set run_at = now() where id = ${id}`);
    await begin(id);
    await report(id, 2);
    const events = await told(topic);
    expect(events.map((event) => [event.type, event.id])).toEqual([
      ['spool.invocation.started', `${id}/started/1`],
      ['spool.invocation.started', `${id}/started/2`],
      ['spool.invocation.succeeded', `${id}/succeeded/2`],
    ]);
  });

  it('that was too old to begin tells that it failed', async () => {
    const topic = await subscribe();
    const calls = engine.app.get(AsynchronousCallsService, { strict: false });
    const { id } = await calls.invoke('default', 'f', { input: 1 });
    await engine.database.query(sql`update asynchronous_call set expires_at = now() where task_id = ${id}`);
    await calls.expireDue(10);
    expect(await told(topic)).toMatchObject([{ subject: id, data: { error: 'EventAgeExceeded' } }]);
  });

  it('says which values are too large to be told', async () => {
    const topic = await subscribe({ functions: ['f'], types: ['spool.invocation.succeeded'] });
    for (const length of [70_000, 300_000]) {
      const { id } = await invoke('f', 'x'.repeat(length));
      await begin(id);
      await report(id, 'y'.repeat(length));
    }
    const large = { omitted: ['input', 'output'] };
    expect(await told(topic)).toMatchObject([{ data: large }, { data: large }]);
  });
});

const record = async (id = uuid(), end: Partial<FastEnd> = {}): Promise<CallRecord> => {
  const version = (await engine.functions.resolve('default', 'f'))!;
  const now = performance.now();
  const call = { id, namespace: 'default', version, event: Buffer.from('{"n":1}'), createdAt: now };
  const usage = { wallMs: 1 };
  const ended = { status: 'SUCCEEDED', output: Buffer.from('{"m":2}'), usage, ...end } as FastEnd;
  return { call, executorId: engine.executorId, startedAt: now, endedAt: now, end: ended };
};
const records = () => engine.app.get(CallRecordRepository, { strict: false });

describe('a call past the queue', () => {
  it('tells its beginning and its end with its record', async () => {
    const topic = await subscribe();
    const [one, other] = [await record(), await record(uuid(), { status: 'TIMED_OUT', error: 'States.Timeout' })];
    await records().saveEnded([one, other]);
    const events = await told(topic);
    const of = ({ call }: CallRecord) =>
      events
        .filter(({ subject }) => subject === call.id)
        .map(({ type, data: { lane, output } }) => [type, lane, output]);
    expect(of(one)).toEqual([
      ['spool.invocation.started', 'fast', undefined],
      ['spool.invocation.succeeded', 'fast', { m: 2 }],
    ]);
    expect(of(other)).toEqual([
      ['spool.invocation.started', 'fast', undefined],
      ['spool.invocation.timed_out', 'fast', undefined],
    ]);
  });

  it('that takes long tells its beginning while it runs, and its end once, whoever ends it', async () => {
    const topic = await subscribe();
    const [ends, stops] = [await record(), await record(uuid(), { status: 'CANCELLED', error: 'Task.Cancelled' })];
    await records().insertRunning([ends, stops], 30);
    expect(await types(topic)).toEqual(['started', 'started']);
    await engine.invocations.cancel('default', stops.call.id);
    await records().saveEnded([ends, stops]);
    expect((await types(topic)).toSorted()).toEqual(['cancelled', 'started', 'started', 'succeeded']);
  });

  it('writes nothing where nobody wants to know of it', async () => {
    await subscribe({ functions: ['g'] });
    await subscribe({});
    await records().saveEnded([await record()]);
    expect(await rows()).toEqual([]);
  });
});

describe('what is wanted', () => {
  it('is of executions if neither functions nor a type of invocations is named', async () => {
    const [all, byType] = [await subscribe({}), await subscribe({ types: ['spool.invocation.succeeded'] })];
    const { id } = await invoke('g');
    await begin(id);
    await report(id, 1);
    expect([await types(all), await types(byType)]).toEqual([[], ['succeeded']]);
  });

  it('is refused if it could never be told', async () => {
    const wanted = { functions: ['f'], types: ['spool.execution.failed'] };
    await expect(subscribe(wanted)).rejects.toMatchObject({
      details: { errors: [{ pointer: '/types', message: expect.stringContaining('a type of invocations') }] },
    });
  });

  it('is asked for by triggers too, and a function that starts itself is cut', async () => {
    const source = { types: ['spool.invocation.succeeded'], sources: ['/functions/f'] };
    await engine.triggers.create('default', {
      name: 'next',
      kind: 'event',
      source,
      target: { function: 'f' },
    } as never);
    await interests.refresh();
    const { id } = await invoke('f');
    await begin(id);
    await report(id, 1);
    await told('none');
    const count = async () => (await engine.invocations.list('default', { limit: 100 })).length;
    expect(await count()).toBe(2);
    for (let last = 0; last < (await count()); ) {
      last = await count();
      const [newest] = await engine.invocations.list('default', { limit: 1 });
      if (newest?.status !== 'QUEUED') break;
      await begin(newest.id);
      await report(newest.id, 1);
      await told('none');
    }
    expect(await count()).toBe(16);
  });
});
