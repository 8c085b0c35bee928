import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { topicEvent } from '@app/events';
import type { Task } from '@app/queue';
import type { Json } from '@app/workflow';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { Client } from 'pg';
import { digestOf, refOf } from './payload-marks.js';
import { SYSTEM_BUCKET } from '../namespaces/namespaces.js';
import { PayloadCollectionService } from './payload-collection.service.js';
import { PayloadsService } from './payloads.service.js';

let engine: TestEngine;
let payloads: PayloadsService;
let collection: PayloadCollectionService;
let names = 0;

beforeAll(async () => {
  engine = await createEngine();
  payloads = engine.app.get(PayloadsService, { strict: false });
  collection = engine.app.get(PayloadCollectionService, { strict: false });
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
  await engine.objects.ensureBucket(SYSTEM_BUCKET);
});
afterAll(() => engine?.close());

const MIB = 1024 * 1024;
const large = (mark: string, bytes = MIB) => ({ mark, text: 'x'.repeat(bytes), n: 1 });
const pass = { Type: 'Pass', End: true };
const passTo = (Next: string) => ({ Type: 'Pass', Next });
const work = { Type: 'Task', Resource: 'function:work', End: true };

async function start(states: object, input: Json) {
  const name = `flow-${++names}`;
  const definition = { StartAt: Object.keys(states)[0], States: states } as never;
  await engine.workflows.deploy('default', { name, definition });
  return engine.executions.start('default', name, { input });
}
const get = (id: string) => engine.executions.get('default', id);
const only = async (): Promise<Task> => {
  const tasks = await engine.claim();
  expect(tasks).toHaveLength(1);
  return tasks[0]!;
};
const keys = async (): Promise<string[]> =>
  (await engine.objects.list(SYSTEM_BUCKET, { prefix: 'payloads/' })).objects.map(({ key }) => key);
const widest = async (executionId: string): Promise<number> => {
  const [row] = await engine.database.query<{ bytes: number }>(sql`
    select greatest(
      (select pg_column_size(to_jsonb(e)) from execution e where id = ${executionId}),
      (select max(pg_column_size(to_jsonb(f))) from frame f where execution_id = ${executionId}),
      (select max(pg_column_size(to_jsonb(t))) from task t where execution_id = ${executionId}),
      (select max(octet_length(events::text)) from history where execution_id = ${executionId})) as bytes`);
  return row?.bytes ?? 0;
};

const age = () => engine.database.query(sql`update payload set touched_at = now() - interval '2 days'`);
const isThere = async (mark: string): Promise<boolean> => {
  for (const key of await keys()) {
    const value = await payloads.load({ key, bytes: 1 });
    if (JSON.stringify(value).includes(`"mark":"${mark}"`)) return true;
  }
  return false;
};

describe('a value of more than 256 KiB', () => {
  it('goes through states, tasks and the end of an execution, and no row is large by it', async () => {
    const input = large('through');
    const { id } = await start({ A: passTo('B'), B: work }, input);
    const task = await only();
    expect(task.payload).toBeNull();
    expect((await payloads.wholeTask(task)).payload).toEqual(input);
    const output = { from: large('answer', 2 * MIB) };
    await engine.report(task, output);
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', input, output });
    expect(await engine.executions.wait('default', id, 1_000)).toMatchObject({ input, output });
    expect(await widest(id)).toBeLessThan(20_000);
  });

  it('is in the store once for each namespace, however many rows refer to it', async () => {
    const before = (await keys()).length;
    const input = large('once');
    const Branches = ['A', 'B', 'C'].map((name) => ({ StartAt: name, States: { [name]: pass } }));
    await start({ P: { Type: 'Parallel', Branches, OutputPath: '$[0]', End: true } }, input);
    await start({ A: pass }, { ...input });
    expect((await keys()).length - before).toBe(1);
  });

  it('may be a text', async () => {
    const { id } = await start({ A: pass }, 'ä'.repeat(MIB));
    expect((await get(id)).output).toBe('ä'.repeat(MIB));
    expect(await widest(id)).toBeLessThan(10_000);
  });

  it('goes to children of Map states and into variables', async () => {
    const items = Array.from({ length: 300 }, (_, n) => ({ n, text: 'y'.repeat(4_000) }));
    const Map = {
      Type: 'Map',
      ItemProcessor: {
        StartAt: 'One',
        States: { One: { ...pass, Parameters: { 'n.$': '$.n', 'all.$': '$keep[0].n' } } },
      },
      End: true,
    };
    const Keep = { Type: 'Pass', Assign: { 'keep.$': '$' }, Next: 'Each' };
    const { id } = await start({ Keep, Each: Map }, items);
    expect((await get(id)).output).toEqual(items.map(({ n }) => ({ n, all: 0 })));
    expect(await widest(id)).toBeLessThan(300_000);
  });

  it('is what a failed execution goes on with when it is redriven, and a rerun begins with', async () => {
    const input = large('again');
    const { id } = await start({ A: passTo('B'), B: work }, input);
    await engine.fail(await only(), { error: 'Broken', cause: '' });
    await engine.redrives.redrive('default', id);
    const again = await only();
    expect((await payloads.wholeTask(again)).payload).toEqual(input);
    await engine.report(again, 'done');
    const { id: rerun } = await engine.reruns.rerun('default', id, { from: 'B' });
    expect((await payloads.wholeTask(await only())).payload).toEqual(input);
    await engine.executions.stop('default', rerun);
  });

  it('goes to a child workflow and comes back', async () => {
    const child = `child-${++names}`;
    const States = { A: { ...pass, Parameters: { 'back.$': '$' } } };
    await engine.workflows.deploy('default', { name: child, definition: { StartAt: 'A', States } as never });
    const input = large('child');
    const { id } = await start({ C: { Type: 'Task', Resource: `workflow:${child}`, End: true } }, input);
    await engine.route();
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: { back: input } });
    expect(await widest(id)).toBeLessThan(20_000);
  });

  it('goes to a worker of an activity, and comes back by the token', async () => {
    await engine.activities.create('default', 'manual');
    const input = large('activity');
    const { id } = await start(
      { M: { Type: 'Task', Resource: 'arn:aws:states:eu-west-1:1:activity:manual', End: true } },
      input,
    );
    const [given] = await engine.activityTasks.poll('default', 'manual', { limit: 1, waitMs: 0 });
    expect(given?.task.payload).toEqual(input);
    const output = large('worked');
    await engine.tokens.settle('default', { token: given!.token, output });
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output });
    expect(await widest(id)).toBeLessThan(20_000);
  });

  it('is an input of an invocation and its result', async () => {
    const input = large('invocation');
    const { id } = await engine.invocations.invoke('default', 'work', { input });
    const task = await only();
    expect(task).toMatchObject({ id, payload: null });
    await engine.report(task, { echo: input });
    expect(await engine.invocations.get('default', id)).toMatchObject({ payload: input, output: { echo: input } });
  });

  it('comes into a distributed Map and goes to its children', async () => {
    const items = Array.from({ length: 4 }, (_, n) => large(`item ${n}`, 300_000));
    const ItemProcessor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'A',
      States: { A: pass },
    };
    const { id } = await start({ M: { Type: 'Map', ItemProcessor, End: true } }, items);
    while ((await engine.mapRunTurns.runDue(10)) > 0);
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: items });
    expect(await widest(id)).toBeLessThan(30_000);
  });

  it('comes with an event, starts once, and reaches the function that it is for', async () => {
    const States = { A: work };
    await engine.workflows.deploy('default', { name: 'triggered', definition: { StartAt: 'A', States } as never });
    await engine.triggers.create('default', {
      name: 'large-messages',
      kind: 'topic',
      source: { topic: 'large' },
      target: { workflow: 'triggered' },
      input: { 'value.$': '$.data.value' },
    });
    const message = { topic: 'large', key: undefined, headers: {}, partition: 0, publishedAt: new Date(), offset: '1' };
    const event = topicEvent({ ...message, value: Buffer.from(JSON.stringify(large('message', 400_000))) } as never);
    for (let time = 0; time < 2; time++) await engine.events.ingest('default', event as never);
    const [started, ...others] = await engine.executions.list('default', { workflow: 'triggered', limit: 10 });
    expect(others).toEqual([]);
    const task = await only();
    expect((await payloads.wholeTask(task)).payload).toEqual({ value: large('message', 400_000) });
    const { payload, namespace, payloadRef } = task;
    expect(await payloads.addressOf(namespace, payloadRef, payload as Json, 60)).toMatch(/^http/);
    await engine.report(task, 'done');
    expect(await get(started!.id)).toMatchObject({ status: 'SUCCEEDED', input: { value: { mark: 'message' } } });
  });

  it('is left out of lists and of the history, which say where it is', async () => {
    const { id } = await start({ A: pass }, large('listed'));
    const listed = (await engine.executions.list('default', { limit: 500 })).find((one) => one.id === id);
    expect(listed).toMatchObject({ input: null, refs: { input: { bytes: expect.any(Number) } } });
    const history = await engine.executions.listHistory('default', id, 0, 100);
    expect(history.map(({ refs }) => Object.keys(refs ?? {}))).toEqual([['input'], ['input'], ['output'], ['output']]);
    expect(JSON.stringify(history).length).toBeLessThan(5_000);
  });

  it('that is larger than it may be is refused, or fails its state', async () => {
    const tooLarge = 'x'.repeat(payloads.maxBytes);
    await expect(start({ A: pass }, tooLarge)).rejects.toMatchObject({ code: 'execution_input_too_large' });
    const { id } = await start({ A: work }, {});
    await engine.report(await only(), tooLarge);
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('what looks like a reference', () => {
  it('is a value like any other, if somebody gives it', async () => {
    const { id: other } = await start({ A: pass }, large('secret'));
    const [row] = await engine.database.query<{ refs: Json }>(sql`select refs from execution where id = ${other}`);
    const forged = { refs: row?.refs ?? null, input: row?.refs ?? null, output: row?.refs ?? null };
    const { id } = await start({ A: work }, forged);
    const task = await only();
    expect(task.payload).toEqual(forged);
    await engine.report(task, forged);
    expect((await get(id)).output).toEqual(forged);
    const [history] = await engine.executions.listHistory('default', id, 0, 1);
    expect(history?.details).toMatchObject({ input: forged });
  });

  it('of another namespace is not followed', async () => {
    const [key] = await keys();
    await expect(payloads.load({ key: key!, bytes: 1 }, 'other')).rejects.toMatchObject({ code: 'payload_missing' });
  });
});

describe('the collection of payloads', () => {
  it('leaves what a row refers to, and what was put there lately', async () => {
    const { id } = await start({ A: pass }, large('kept'));
    await age();
    await payloads.store('default', [large('fresh')]);
    await collection.run();
    expect(await isThere('kept')).toBe(true);
    expect(await isThere('fresh')).toBe(true);
    expect((await get(id)).input).toMatchObject({ mark: 'kept' });
  });

  it('removes what a crash before the transaction left, and what was of an execution that is gone', async () => {
    await payloads.store('default', [large('abandoned')]);
    const { id } = await start({ A: pass }, large('deleted'));
    await engine.database.query(sql`delete from execution where id = ${id}`);
    await age();
    await collection.run();
    expect(await isThere('abandoned')).toBe(false);
    expect(await isThere('deleted')).toBe(false);
  });

  it('removes objects of which there is no row, once they are old', async () => {
    const key = 'payloads/default/abc/1.json';
    await engine.objects.put({ bucket: SYSTEM_BUCKET, key }, '{}');
    await collection.sweepAll();
    expect(await keys()).toContain(key);
    await collection.sweepAll(-60);
    expect(await keys()).not.toContain(key);
  });

  it('takes away nothing that a row begins to refer to', async () => {
    const value = large('held');
    await payloads.store('default', [value]);
    await age();
    const other = new Client({ connectionString: engine.url });
    await other.connect();
    await other.query('begin');
    const ref = refOf(value, 'default')!;
    await other.query(
      'insert into payload_use (holder, namespace, digest) select id, namespace, $1 from execution limit 1',
      [digestOf(ref)],
    );
    const collected = collection.run();
    // It passes over the row that the other holds.
    await other.query('commit');
    await other.end();
    await collected;
    expect(await isThere('held')).toBe(true);
  });
});
