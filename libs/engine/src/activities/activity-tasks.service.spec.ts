import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ActivityTaskRepository } from '@app/queue';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.close());

let count = 0;
/** An activity of its own with executions that wait for it. */
async function prepare({ executions = 1, rest = {}, arn = false } = {}) {
  const activity = `paint-${++count}`;
  await engine.activities.create('default', activity);
  const Resource = arn ? `arn:aws:states:eu-west-1:123456789012:activity:${activity}` : `activity:${activity}`;
  const states = { Paint: { Type: 'Task', Resource, End: true, ...rest } };
  await engine.workflows.deploy('default', {
    name: activity,
    definition: { StartAt: 'Paint', States: states } as never,
  });
  const ids: string[] = [];
  for (let n = 0; n < executions; n++) {
    ids.push((await engine.executions.start('default', activity, { input: { n } })).id);
  }
  return { activity, ids, id: ids[0] ?? '' };
}
const poll = (activity: string, limit = 1, signal?: AbortSignal, waitMs = 0) =>
  engine.activityTasks.poll('default', activity, { workerName: 'brush', limit, waitMs }, signal);
const get = (id: string) => engine.executions.get('default', id);

describe('an activity', () => {
  it('gives a worker the input of a state and a token, with which it ends the state', async () => {
    const { activity, id } = await prepare({ arn: true });
    const [given] = await poll(activity);
    expect(given).toMatchObject({ task: { payload: { n: 0 }, stateName: 'Paint' } });
    await engine.tokens.settle('default', { token: given!.token, output: 'painted' });
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: 'painted' });
    const history = await engine.executions.listHistory('default', id, 0, 100);
    expect(history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'ActivityScheduled',
      'ActivityStarted',
      'ActivitySucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(history[3]?.details).toMatchObject({ workerName: 'brush' });
  });

  it('gives each task to one worker only, however many poll at once', async () => {
    const { activity } = await prepare({ executions: 20 });
    const polls = await Promise.all(Array.from({ length: 6 }, () => poll(activity, 5)));
    const given = polls.flat().map(({ task }) => task.id);
    expect(given).toHaveLength(20);
    expect(new Set(given).size).toBe(20);
    expect(await poll(activity)).toEqual([]);
  });

  it('gives out the oldest task first, and as many as the worker takes', async () => {
    const { activity } = await prepare({ executions: 3 });
    expect((await poll(activity)).map(({ task }) => task.payload)).toEqual([{ n: 0 }]);
    expect((await poll(activity, 10)).map(({ task }) => task.payload)).toEqual(
      expect.arrayContaining([{ n: 1 }, { n: 2 }]),
    );
  });

  it('wakes a worker that waits when there is something to do', async () => {
    const { activity } = await prepare({ executions: 0 });
    const waiting = poll(activity, 1, undefined, 30_000);
    const { id } = await engine.executions.start('default', activity, { input: 'now' });
    const [given] = await waiting;
    expect(given?.task.waiter).toMatchObject({ executionId: id });
  });

  it('keeps a task that its worker did not wait for', async () => {
    const { activity } = await prepare();
    const gone = new AbortController();
    gone.abort();
    expect(await poll(activity, 1, gone.signal)).toEqual([]);
    expect(await poll(activity)).toHaveLength(1);
  });

  it('gives a task to somebody else when the one it was given to had hung up', async () => {
    const { activity, id } = await prepare();
    const [lost] = await poll(activity);
    await engine.app.get(ActivityTaskRepository, { strict: false }).release([lost!.task]);
    const [found] = await poll(activity);
    expect(found?.task).toMatchObject({ id: lost!.task.id, attempt: lost!.task.attempt + 1 });
    const answer = engine.tokens.settle('default', { token: lost!.token, output: 1 });
    await expect(answer).rejects.toMatchObject({ code: 'invalid_token' });
    await engine.tokens.settle('default', { token: found!.token, output: 2 });
    expect(await get(id)).toMatchObject({ output: 2 });
  });

  it('tells how much waits and how much is being done', async () => {
    const { activity } = await prepare({ executions: 3 });
    await poll(activity);
    expect(await engine.activities.get('default', activity)).toMatchObject({ name: activity, queued: 2, running: 1 });
  });

  it('that does not exist fails the execution, in the words of AWS', async () => {
    const { activity } = await prepare({ executions: 0 });
    await engine.activities.delete('default', activity);
    const { id } = await engine.executions.start('default', activity, { input: {} });
    const { status, error, cause } = await get(id);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.Runtime' });
    expect(cause).toMatch(
      /^An error occurred while executing the state '.+' \(entered at the event id #2\)\. The activity /,
    );
    expect(cause).toMatch(/ does not exist\.$/);
    const history = await engine.executions.listHistory('default', id, 0, 100);
    expect(history.map(({ type }) => type)).toContain('ActivityScheduleFailed');
    await expect(poll(activity)).rejects.toMatchObject({ code: 'activity_not_found' });
    await expect(engine.activities.delete('default', activity)).rejects.toMatchObject({ code: 'activity_not_found' });
  });

  it('is nothing to another namespace', async () => {
    const { activity } = await prepare();
    await engine.activities.create('spool', activity);
    const poller = { workerName: 'x', limit: 10, waitMs: 0 };
    expect(await engine.activityTasks.poll('spool', activity, poller)).toEqual([]);
  });
});

describe('a worker', () => {
  it('that stays silent loses its task to the HeartbeatSeconds of the state, and its token with it', async () => {
    const { activity, id } = await prepare({ rest: { HeartbeatSeconds: 5 } });
    const [given] = await poll(activity);
    await engine.passSeconds(6);
    await engine.timers.fireDue(100);
    expect(await get(id)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    await expect(engine.tokens.heartbeat('default', given!.token)).rejects.toMatchObject({ code: 'task_timed_out' });
    const late = engine.tokens.settle('default', { token: given!.token, output: 1 });
    await expect(late).rejects.toMatchObject({ code: 'task_timed_out' });
  });

  it('keeps its task with heartbeats', async () => {
    const { activity, id } = await prepare({ rest: { HeartbeatSeconds: 5 } });
    const [given] = await poll(activity);
    await engine.passSeconds(4);
    await engine.tokens.heartbeat('default', given!.token);
    await engine.passSeconds(4);
    await engine.timers.fireDue(100);
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
  });

  it('owes no heartbeat before it has the task', async () => {
    const { activity, id } = await prepare({ rest: { HeartbeatSeconds: 5 } });
    await engine.passSeconds(60);
    await engine.timers.fireDue(100);
    expect(await get(id)).toMatchObject({ status: 'RUNNING' });
    expect(await poll(activity)).toHaveLength(1);
  });

  it('ends many tasks of one Map state at once', async () => {
    const processor = { StartAt: 'One', States: { One: { Type: 'Task', Resource: 'activity:map', End: true } } };
    await engine.activities.create('default', 'map');
    const states = { M: { Type: 'Map', ItemProcessor: processor, End: true } };
    await engine.workflows.deploy('default', { name: 'map', definition: { StartAt: 'M', States: states } as never });
    const { id } = await engine.executions.start('default', 'map', { input: [1, 2, 3, 4] });
    const given = await poll('map', 100);
    const results = given.map(({ token, task }) => ({ token, output: Number(task.payload) * 10 }));
    expect(await engine.tokens.settleAll('default', results)).toEqual([undefined, undefined, undefined, undefined]);
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: [10, 20, 30, 40] });
  });
});
