import { AsynchronousCallsService, DeadLettersService, DestinationsService } from '@app/engine';
import { sql } from '@app/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { busTopic } from '../topics/bus-topic.js';

let engine: TestEngine;
let calls: AsynchronousCallsService;
let destinations: DestinationsService;
let letters: DeadLettersService;
beforeAll(async () => {
  engine = await createEngine();
  calls = engine.app.get(AsynchronousCallsService, { strict: false });
  destinations = engine.app.get(DestinationsService, { strict: false });
  letters = engine.app.get(DeadLettersService, { strict: false });
  for (const name of ['work', 'after', 'other', 'loops'])
    await engine.functions.deploy('default', { name, runtime: 'command', command: ['true'] });
  const definition = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } } as const;
  await engine.workflows.deploy('default', { name: 'told', definition: definition as never });
});
afterAll(() => engine.close());

const failure = {
  error: 'TypeError',
  cause: JSON.stringify({ errorMessage: 'no', errorType: 'TypeError', trace: ['a'] }),
};
const defaults = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 21_600,
  retryIntervalSeconds: 60,
  deduplicationSeconds: 300,
};
const configure = (name: string, more: object) => calls.setConfig('default', name, { ...defaults, ...more });
const passQueueSeconds = (seconds: number) =>
  engine.database.query(
    sql`update task set run_at = run_at - make_interval(secs => ${seconds}) where status = 'QUEUED'`,
  );
const statusOf = async (id: string) => (await engine.invocations.get('default', id)).status;
const lettersOf = async (kind: string) =>
  (await letters.list('default', { limit: 100 })).filter((letter) => letter.kind === kind);

/** The one task that is due. */
async function claimOne() {
  const [task, ...others] = await engine.claim();
  expect(others).toEqual([]);
  return task!;
}

describe('an asynchronous invocation that fails', () => {
  it('runs again, twice as much later each time, and in the end lies with the dead letters, from where it is redriven', async () => {
    const { id } = await calls.invoke('default', 'work', { input: { a: 1 } });
    for (const seconds of [60, 120]) {
      await engine.fail(await claimOne(), failure);
      expect(await engine.invocations.get('default', id)).toMatchObject({ status: 'QUEUED', error: 'TypeError' });
      await passQueueSeconds(seconds - 5);
      expect(await engine.claim()).toEqual([]);
      await passQueueSeconds(5);
    }
    const last = await claimOne();
    expect(last).toMatchObject({ id, attempt: 3 });
    await engine.fail(last, failure);
    expect(await statusOf(id)).toBe('FAILED');
    const [letter] = await lettersOf('invocation');
    expect(letter).toMatchObject({
      error: 'TypeError',
      attempts: 3,
      payload: { invocation: id, function: 'work', event: { a: 1 } },
    });
    const started = await letters.redrive('default', letter!.id);
    expect(await engine.invocations.get('default', started!.targetId)).toMatchObject({ payload: { a: 1 } });
    await engine.answer(await claimOne(), 1);
  });

  it('runs no more when it would be older than it may', async () => {
    await configure('work', {
      maximumEventAgeSeconds: 100,
      retryIntervalSeconds: 99,
      onFailure: { function: 'after' },
    });
    const { id } = await calls.invoke('default', 'work', { input: 1 });
    await engine.database.query(sql`update asynchronous_call set expires_at = expires_at - interval '5 s'`);
    await engine.fail(await claimOne(), failure);
    expect(await statusOf(id)).toBe('FAILED');
    await destinations.deliverDue(10);
    const told = await claimOne();
    expect(told.payload).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 1 },
    });
    await engine.answer(told, null);
  });

  it('that was never begun is ended when it is too old', async () => {
    await configure('work', { onFailure: { function: 'after' } });
    const { id } = await calls.invoke('default', 'work', { input: 1 });
    await engine.database.query(sql`update asynchronous_call set expires_at = now() where task_id = ${id}`);
    expect(await calls.expireDue(10)).toBe(1);
    expect(await calls.expireDue(10)).toBe(0);
    expect(await engine.invocations.get('default', id)).toMatchObject({ status: 'FAILED', error: 'EventAgeExceeded' });
    await destinations.deliverDue(10);
    const told = await claimOne();
    expect(told.payload).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
    });
    expect(told.payload).not.toHaveProperty('responsePayload');
    await engine.answer(told, null);
  });

  it('is not run again by a result that came too late', async () => {
    await configure('work', {});
    await calls.invoke('default', 'work', { input: 1 });
    const task = await claimOne();
    await engine.fail(task, failure);
    await passQueueSeconds(60);
    const again = await claimOne();
    expect(await engine.report(task, 'late')).toBe(false);
    expect(await engine.report(again, 'in time')).toBe(true);
    expect(await engine.invocations.get('default', task.id)).toMatchObject({ status: 'SUCCEEDED', error: undefined });
  });
});

describe('the destination of an asynchronous invocation', () => {
  it('gets what AWS Lambda tells, once', async () => {
    await configure('work', {
      maximumRetryAttempts: 0,
      onSuccess: { function: 'after' },
      onFailure: { function: 'other' },
    });
    const good = await calls.invoke('default', 'work', { input: { n: 1 } });
    await engine.answer(await claimOne(), { made: true });
    const bad = await calls.invoke('default', 'work', { input: { n: 2 } });
    await engine.fail(await claimOne(), failure);
    const [some, others] = await Promise.all([destinations.deliverDue(10), destinations.deliverDue(10)]);
    expect(some + others).toBe(2);
    const told = await engine.claim();
    expect(told.map(({ resource }) => resource).toSorted()).toEqual(['after', 'other']);
    expect(told.find(({ resource }) => resource === 'after')?.payload).toEqual({
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      requestContext: {
        requestId: good.id,
        functionArn: 'arn:aws:lambda:spool:default:function:work:1',
        condition: 'Success',
        approximateInvokeCount: 1,
      },
      requestPayload: { n: 1 },
      responseContext: { statusCode: 200, executedVersion: '1' },
      responsePayload: { made: true },
    });
    expect(told.find(({ resource }) => resource === 'other')?.payload).toMatchObject({
      requestContext: { requestId: bad.id, condition: 'RetriesExhausted' },
      responseContext: { functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'no', errorType: 'TypeError', stackTrace: ['a'] },
    });
    for (const task of told) await engine.answer(task, null);
    expect(await destinations.deliverDue(10)).toBe(0);
  });

  it('may be a workflow or a topic', async () => {
    await configure('work', { onSuccess: { workflow: 'told' } });
    await calls.invoke('default', 'work', { input: 1 });
    await engine.answer(await claimOne(), 'for the workflow');
    await configure('work', { onSuccess: { topic: 'ends' } });
    await calls.invoke('default', 'work', { input: 1 });
    await engine.answer(await claimOne(), 'for the topic');
    expect(await destinations.deliverDue(10)).toBe(2);
    const [execution] = await engine.executions.list('default', { workflow: 'told', limit: 10 });
    expect((await engine.executions.get('default', execution!.id)).input).toMatchObject({
      responsePayload: 'for the workflow',
    });
    const [count] = await engine.database.query<{ n: number }>(sql`
      select count(*)::int as n from bus_message where topic = ${busTopic('default', 'ends')}`);
    expect(count?.n).toBe(1);
  });

  it('that is gone leaves a dead letter, which tells it again when it is back', async () => {
    await engine.functions.deploy('default', { name: 'gone', runtime: 'command', command: ['true'] });
    await configure('work', { onSuccess: { function: 'gone' } });
    await calls.invoke('default', 'work', { input: 1 });
    await engine.functions.delete('default', 'gone');
    await engine.answer(await claimOne(), 'x');
    await destinations.deliverDue(10);
    const [letter] = await lettersOf('destination');
    expect(letter).toMatchObject({ error: 'function_not_found', payload: { target: { function: 'gone' } } });
    await engine.functions.deploy('default', { name: 'gone', runtime: 'command', command: ['true'] });
    await letters.redrive('default', letter!.id);
    const told = await claimOne();
    expect(told).toMatchObject({ resource: 'gone', payload: { responsePayload: 'x' } });
    await engine.answer(told, null);
  });

  it('is not told by itself for ever', async () => {
    await configure('loops', { onSuccess: { function: 'loops' } });
    await calls.invoke('default', 'loops', { input: 1 });
    let runs = 0;
    for (let [task] = await engine.claim(); task; [task] = await engine.claim()) {
      runs++;
      await engine.answer(task, 'again');
      await destinations.deliverDue(10);
    }
    expect(runs).toBeLessThan(30);
    expect(await lettersOf('destination')).toContainEqual(expect.objectContaining({ error: 'Loop.Detected' }));
  });

  it('must be there when it is named', async () => {
    await expect(configure('work', { onFailure: { function: 'nobody' } })).rejects.toMatchObject({
      code: 'invalid_request',
      issues: [{ pointer: '/onFailure/function', message: 'there is no function nobody' }],
    });
  });

  it('hears nothing of what was cancelled', async () => {
    await configure('work', { onFailure: { function: 'after' } });
    const { id } = await calls.invoke('default', 'work', { input: 1 });
    await engine.invocations.cancel('default', id);
    expect(await destinations.deliverDue(10)).toBe(0);
    expect(await engine.claim()).toEqual([]);
  });
});

describe('a de-duplication key', () => {
  it('stands for the first invocation, however many come at once, for as long as it is remembered', async () => {
    await calls.resetConfig('default', 'work');
    const invoke = () => calls.invoke('default', 'work', { input: 1, dedupKey: 'k' });
    const ids = new Set((await Promise.all(Array.from({ length: 5 }, invoke))).map(({ id }) => id));
    expect(ids.size).toBe(1);
    await engine.answer(await claimOne(), 1);
    expect(ids).toContain((await invoke()).id);
    const other = await calls.invoke('default', 'other', { input: 1, dedupKey: 'k' });
    expect(ids).not.toContain(other.id);
    await engine.answer(await claimOne(), 1);
    await engine.database.query(sql`update call_key set expires_at = now()`);
    expect(ids).not.toContain((await invoke()).id);
    await engine.answer(await claimOne(), 1);
  });
});

describe('a function that a trigger starts', () => {
  it('runs again when it fails, and its dead letter is the trigger’s', async () => {
    await configure('work', { maximumRetryAttempts: 1 });
    await engine.triggers.create('default', {
      name: 'uploads',
      kind: 'object',
      source: { bucket: 'incoming' },
      target: { function: 'work' },
    } as never);
    const event = {
      id: 'e1',
      source: '/objects/incoming',
      type: 'spool.object.created',
      subject: 'a',
      time: new Date().toISOString(),
      data: { bucket: 'incoming', key: 'a', size: 1, etag: 'x', eventName: 'ObjectCreated:Put' },
    };
    await engine.events.ingest('default', event as never);
    await engine.fail(await claimOne(), failure);
    await passQueueSeconds(60);
    await engine.fail(await claimOne(), failure);
    const found = await letters.list('default', { trigger: 'uploads', limit: 10 });
    expect(found).toMatchObject([{ kind: 'invocation', error: 'TypeError', attempts: 2 }]);
  });
});
