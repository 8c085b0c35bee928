import { sql } from '@app/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Task } from '@app/queue';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
});
afterAll(() => engine.close());

const task = (resource: string, rest: object) => ({ Type: 'Task', Resource: resource, ...rest });
const branch = (name: string) => ({ StartAt: name, States: { [name]: task('function:work', { End: true }) } });
let count = 0;
async function start(states: object, input: unknown = {}, more: object = {}) {
  const name = `flow-${++count}`;
  const definition = { StartAt: Object.keys(states)[0] ?? '', States: states, ...more } as never;
  await engine.workflows.deploy('default', { name, definition });
  return engine.executions.start('default', name, { input: input as never });
}
const get = (id: string) => engine.executions.get('default', id);
const open = async (executionId: string): Promise<Task[]> =>
  (await engine.tasks.list('default', { executionId, limit: 1_000 }))
    .filter(({ status }) => status === 'QUEUED')
    .toReversed();

/** Plays an executor that gives each task its answer. */
async function work(executionId: string, answer: (task: Task) => unknown): Promise<void> {
  for (const queued of await open(executionId)) await engine.answer(queued, answer(queued));
}

describe('an execution', () => {
  it('runs its tasks one after the other and ends with the last output', async () => {
    const { id } = await start(
      { A: task('function:work', { Next: 'B' }), B: task('function:work', { End: true }) },
      { n: 1 },
    );
    await work(id, ({ payload }) => ({ after: payload }));
    await work(id, ({ payload }) => ({ twice: payload }));
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: { twice: { after: { n: 1 } } } });
  });

  it('joins the branches of a Parallel state in their order', async () => {
    const { id } = await start({ P: { Type: 'Parallel', Branches: [branch('X'), branch('Y')], End: true } });
    const [x, y] = await open(id);
    await engine.answer(y!, 'second');
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await engine.answer(x!, 'first');
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: ['first', 'second'] });
  });

  it('keeps to the MaxConcurrency of a Map state and gives the results in the order of the items', async () => {
    const processor = { StartAt: 'One', States: { One: task('function:work', { End: true }) } };
    const { id } = await start(
      { M: { Type: 'Map', MaxConcurrency: 2, ItemProcessor: processor, End: true } },
      [1, 2, 3, 4, 5],
    );
    const seen: number[] = [];
    while ((await get(id)).status === 'RUNNING') {
      const queued = await open(id);
      seen.push(queued.length);
      await engine.answer(queued.at(-1)!, Number(queued.at(-1)!.payload) * 10);
    }
    expect(Math.max(...seen)).toBe(2);
    expect((await get(id)).output).toEqual([10, 20, 30, 40, 50]);
  });

  it('cancels the other branches when one fails, and goes where Catch says', async () => {
    const states = {
      P: {
        Type: 'Parallel',
        Branches: [branch('X'), branch('Y')],
        End: true,
        Catch: [{ ErrorEquals: ['Boom'], Next: 'Again' }],
      },
      Again: { Type: 'Parallel', Branches: [branch('Z')], End: true },
    };
    const { id } = await start(states);
    const [x, y] = await open(id);
    await engine.fail(x!, { error: 'Boom', cause: 'because' });
    expect(await engine.tasks.find(y!.id)).toMatchObject({ status: 'CANCELLED' });
    await work(id, () => 'recovered');
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: ['recovered'] });
  });

  it('is among those that did not succeed, in lists and in what is counted, until it is redriven', async () => {
    const { id } = await start({ A: task('function:work', { End: true }) });
    const listed = async () => {
      const failed = await engine.executions.list('default', { status: 'FAILED', limit: 100 });
      const [row] = await engine.database.query(sql`select unsuccessful from execution where id = ${id}`);
      return [failed.some((one) => one.id === id), row?.['unsuccessful']];
    };
    expect(await listed()).toEqual([false, null]);
    await engine.fail((await open(id))[0]!, { error: 'Boom', cause: '' });
    expect(await listed()).toEqual([true, 'FAILED']);
    await engine.redrives.redrive('default', id);
    expect(await listed()).toEqual([false, null]);
    await work(id, () => 'done');
    expect(await listed()).toEqual([false, null]);
  });

  it('takes no result of a task that was cancelled', async () => {
    const { id } = await start({ A: task('function:work', { End: true }) });
    const [running] = await engine.claim();
    await engine.executions.stop('default', id, { error: 'Enough', cause: 'a person' });
    expect(await engine.report(running!, 'too late')).toBe(false);
    expect(await get(id)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'a person' });
  });

  it('retries after the interval, by a timer, and counts the attempts', async () => {
    const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const { id } = await start({ A: task('function:work', { Retry, End: true }) });
    await engine.fail((await open(id))[0]!, { error: 'Busy', cause: '' });
    expect(await open(id)).toEqual([]);
    await engine.passSeconds(1);
    await engine.timers.fireDue(10);
    await engine.fail((await open(id))[0]!, { error: 'Busy', cause: 'still' });
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'Busy', cause: 'still' });
  });

  it('times a state out, and cancels what ran for it', async () => {
    const { id } = await start({ A: task('function:work', { TimeoutSeconds: 1, End: true }) });
    const [queued] = await open(id);
    await engine.passSeconds(1);
    await engine.timers.fireDue(10);
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(await engine.tasks.find(queued!.id)).toMatchObject({ status: 'TIMED_OUT' });
  });

  it('times the whole execution out', async () => {
    const { id } = await start({ W: { Type: 'Wait', Seconds: 3_600, End: true } }, {}, { TimeoutSeconds: 2 });
    await engine.passSeconds(2);
    await engine.timers.fireDue(10);
    expect(await get(id)).toMatchObject({ status: 'TIMED_OUT' });
  });

  it('fails with Function.NotFound where a function is missing', async () => {
    const { id } = await start({ A: task('function:nobody', { End: true }) });
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'Function.NotFound' });
  });

  it('fails with the error of Lambda where its integration finds no function', async () => {
    const Parameters = { FunctionName: 'nobody:2' };
    const { id } = await start({ A: task('arn:aws:states:::lambda:invoke', { Parameters, End: true }) });
    expect(await get(id)).toMatchObject({
      error: 'Lambda.ResourceNotFoundException',
      cause: expect.stringContaining('Function not found: nobody:2 (Service: AWSLambda; Status Code: 404;'),
    });
  });

  it('wraps the result for the Lambda integration as AWS does', async () => {
    const Parameters = { FunctionName: 'work', 'Payload.$': '$' };
    const { id } = await start({ A: task('arn:aws:states:::lambda:invoke', { Parameters, End: true }) }, { n: 1 });
    await work(id, ({ payload }) => payload);
    expect((await get(id)).output).toMatchObject({ Payload: { n: 1 }, StatusCode: 200 });
  });

  it('tells of a result that is too large as AWS does', async () => {
    const { id } = await start({ A: task('function:work', { End: true }) });
    await work(id, () => 'x'.repeat(16 * 1024 * 1024));
    expect(await get(id)).toMatchObject({
      error: 'States.DataLimitExceeded',
      cause: expect.stringContaining("The state/task 'function:work' returned a result with a size exceeding"),
    });
  });

  it('leaves no timer and no open task behind', async () => {
    const left = await engine.database.query<{ timers: number; tasks: number }>({
      text: `select (select count(*)::int from timer) as timers,
                    (select count(*)::int from task where status in ('QUEUED', 'RUNNING')) as tasks`,
      values: [],
    });
    expect(left).toEqual([{ timers: 0, tasks: 0 }]);
  });
});

describe('starting', () => {
  it('is idempotent by name while the execution runs; the name with another input, or of one that has ended, is refused', async () => {
    await engine.workflows.deploy('default', {
      name: 'idle',
      definition: { StartAt: 'S', States: { S: { Type: 'Wait', Seconds: 600, End: true } } },
    });
    const first = await engine.executions.start('default', 'idle', { name: 'once', input: { a: 1 } });
    const again = await engine.executions.start('default', 'idle', { name: 'once', input: { a: 1 } });
    expect(again.id).toBe(first.id);
    await expect(engine.executions.start('default', 'idle', { name: 'once', input: { a: 2 } })).rejects.toMatchObject({
      code: 'execution_already_exists',
    });
    await engine.executions.stop('default', first.id);
    await expect(engine.executions.start('default', 'idle', { name: 'once', input: { a: 1 } })).rejects.toMatchObject({
      code: 'execution_already_exists',
    });
  });

  it('tells one namespace nothing of another', async () => {
    const { id } = await start({ S: { Type: 'Succeed' } });
    await expect(engine.executions.get('elsewhere', id)).rejects.toMatchObject({ code: 'execution_not_found' });
  });
});

it('writes a history with the types that AWS uses', async () => {
  const { id } = await start({ A: task('function:work', { Next: 'Done' }), Done: { Type: 'Succeed' } });
  await work(id, () => 1);
  const history = await engine.executions.listHistory('default', id, 0, 100);
  expect(history.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
    'TaskStateExited',
    'SucceedStateEntered',
    'SucceedStateExited',
    'ExecutionSucceeded',
  ]);
});

it('moves on once, however often and however simultaneously the same result comes', async () => {
  const { id } = await start({ A: task('function:work', { Next: 'B' }), B: task('function:work', { End: true }) });
  const [claimed] = await engine.claim();
  const taken = await Promise.all(Array.from({ length: 8 }, () => engine.report(claimed!, 'done')));
  expect(taken.filter(Boolean)).toHaveLength(1);
  expect(await open(id)).toHaveLength(1);
  await work(id, () => 'end');
});
