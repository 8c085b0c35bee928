import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TaskIntakeService } from '@app/engine';
import type { Task } from '@app/queue';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.functions.deploy('default', { name: 'ask', runtime: 'command', command: ['true'] });
});
afterAll(() => engine.close());

const INVOKE = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
let count = 0;

/** Starts an execution whose first state hands its token out; the function that got it has not answered yet. */
async function ask(rest: object = {}, resource = INVOKE, others: object = {}) {
  const name = `asking-${++count}`;
  const Parameters = { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token', 'n.$': '$.n' } };
  const end = 'Next' in rest ? {} : { End: true };
  const states = { Ask: { Type: 'Task', Resource: resource, Parameters, ...end, ...rest }, ...others };
  await engine.workflows.deploy('default', { name, definition: { StartAt: 'Ask', States: states } as never });
  const { id } = await engine.executions.start('default', name, { input: { n: count } });
  const [task] = (await engine.tasks.list('default', { executionId: id, limit: 1 })) as [Task];
  return { id, task, token: (task?.payload as { token: string } | undefined)?.token ?? '' };
}
const claim = async (id: string) => (await engine.claim()).find(({ waiter }) => waiter?.executionId === id)!;
const get = (id: string) => engine.executions.get('default', id);
const succeed = (token: string, output: unknown, namespace = 'default') =>
  engine.tokens.settle(namespace, { token, output: output as never });
const eventsOf = async (id: string) =>
  (await engine.executions.listHistory('default', id, 0, 100)).map(({ type }) => type);
async function pass(seconds: number): Promise<void> {
  await engine.passSeconds(seconds);
  await engine.timers.fireDue(100);
}

describe('a state that waits for its token', () => {
  it('stays open after its function has answered, and ends with what the token brings', async () => {
    const { id, task, token } = await ask();
    expect(task.payload).toEqual({ token, n: count });
    await engine.answer(task, 'handed out');
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await succeed(token, { approved: true });
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: { approved: true } });
    expect(await eventsOf(id)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('may be answered while the function that hands it out still runs, whose own answer is then nothing new', async () => {
    const { id, token } = await ask({ Next: 'Rest' }, INVOKE, { Rest: { Type: 'Wait', Seconds: 60, End: true } });
    const task = await claim(id);
    await succeed(token, 'early');
    expect(await engine.report(task, 'handed out')).toBe(true);
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await pass(60);
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: 'early' });
  });

  it('fails with what the holder of the token says, so that Catch knows it by name', async () => {
    const { id, token } = await ask();
    await engine.tokens.settle('default', { token, failure: { error: 'Refused', cause: 'not today' } });
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'not today' });
  });

  it('fails when the function that should hand it out fails', async () => {
    const { id, task, token } = await ask();
    await engine.fail(task, { error: 'Boom', cause: 'before it was sent' });
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'Boom' });
    await expect(succeed(token, 1)).rejects.toMatchObject({ code: 'task_timed_out' });
  });

  it('has another token with each try', async () => {
    const { id, token } = await ask({ Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 1 }] });
    await engine.tokens.settle('default', { token, failure: { error: 'Again' } });
    await pass(2);
    await expect(succeed(token, 'old')).rejects.toMatchObject({ code: 'task_timed_out' });
    const tasks = await engine.tasks.list('default', { executionId: id, limit: 10 });
    const again = (tasks[0]!.payload as { token: string }).token;
    expect(again).not.toBe(token);
    await succeed(again, 'new');
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: 'new' });
  });

  it('takes a topic for handing out too', async () => {
    const { id } = await ask({ Parameters: { 'ask.$': '$$.Task.Token' } }, 'topic:asked.waitForTaskToken');
    await engine.route();
    expect(await eventsOf(id)).toContain('TaskSubmitted');
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
  });
});

describe('a token', () => {
  it('answers once', async () => {
    const { id, token } = await ask();
    await succeed(token, 1);
    await expect(succeed(token, 2)).rejects.toMatchObject({ code: 'task_timed_out', kind: 'conflict' });
    expect(await get(id)).toMatchObject({ output: 1 });
  });

  it('that nobody was given is not valid, and neither is one of another namespace', async () => {
    const { id, token } = await ask();
    await expect(succeed('made up', 1)).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(succeed(token, 1, 'spool')).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(engine.tokens.heartbeat('spool', token)).rejects.toMatchObject({ code: 'invalid_token' });
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
  });

  it('is not stored with its task but as a hash', async () => {
    const { task, token } = await ask();
    expect(task.tokenHash).toMatch(/^[0-9a-f]{64}$/);
    expect(task.tokenHash).not.toContain(token);
  });

  it('of a stopped execution answers nothing', async () => {
    const { id, token } = await ask();
    await engine.executions.stop('default', id);
    await expect(succeed(token, 1)).rejects.toMatchObject({ code: 'task_timed_out' });
    await expect(engine.tokens.heartbeat('default', token)).rejects.toMatchObject({ code: 'task_timed_out' });
    expect(await get(id)).toMatchObject({ status: 'ABORTED' });
  });

  it('takes no output that a state cannot carry, and stays good for one that it can', async () => {
    const { id, token } = await ask();
    await expect(succeed(token, 'x'.repeat(16 * 1024 * 1024))).rejects.toMatchObject({ code: 'invalid_output' });
    await expect(succeed(token, 'a\0b')).rejects.toMatchObject({ code: 'invalid_output' });
    await succeed(token, 'x');
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('that stands several times in one request is answered by the first, however large that is', async () => {
    for (let time = 0; time < 5; time++) {
      const { id, token } = await ask();
      const first = { token, output: 'x'.repeat(300_000) };
      const refusals = await engine.tokens.settleAll('default', [first, { token, output: 2 }, { token, output: 3 }]);
      expect(refusals.map((refusal) => refusal?.code)).toEqual([undefined, 'task_timed_out', 'task_timed_out']);
      expect(await get(id)).toMatchObject({ output: first.output });
    }
  });

  it('is taken or refused on its own where many come together', async () => {
    const [one, two] = [await ask(), await ask()];
    const refusals = await engine.tokens.settleAll('default', [
      { token: one.token, output: 1 },
      { token: 'made up', output: 2 },
      { token: two.token, failure: { error: 'No' } },
      { token: one.token, output: 3 },
    ]);
    expect(refusals.map((refusal) => refusal?.code)).toEqual([undefined, 'invalid_token', undefined, 'task_timed_out']);
    expect(await get(one.id)).toMatchObject({ output: 1 });
    expect(await get(two.id)).toMatchObject({ error: 'No' });
  });
});

describe('HeartbeatSeconds', () => {
  it('fails a state whose holder of the token is not heard of', async () => {
    const { id, task } = await ask({ HeartbeatSeconds: 10 });
    await engine.answer(task, null);
    await pass(9);
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await pass(2);
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(await eventsOf(id)).toContain('TaskTimedOut');
  });

  it('is put off by each heartbeat', async () => {
    const { id, task, token } = await ask({ HeartbeatSeconds: 10 });
    await engine.answer(task, null);
    for (let n = 0; n < 3; n++) {
      await pass(8);
      await engine.tokens.heartbeat('default', token);
    }
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await pass(11);
    expect(await get(id)).toMatchObject({ error: 'States.Timeout' });
  });

  it('is put off by the progress that the function tells', async () => {
    const { id } = await ask({ HeartbeatSeconds: 10 });
    const task = await claim(id);
    await pass(8);
    await engine.queue.extend(engine.executorId, [{ ...task, progress: { percent: 50 } }], 30);
    await engine.app.get(TaskIntakeService, { strict: false }).progressed([task]);
    await pass(8);
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await engine.queue.extend(engine.executorId, [{ ...task, progress: { percent: 50 } }], 30);
    await pass(8);
    expect(await get(id)).toMatchObject({ error: 'States.Timeout' });
  });

  it('does not count while nobody has begun', async () => {
    const { id, task } = await ask({ HeartbeatSeconds: 10 });
    await pass(30);
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    await engine.answer(task, null);
    await pass(30);
    expect(await get(id)).toMatchObject({ error: 'States.Timeout' });
  });
});
