import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

const work = (Next?: string) => ({
  Type: 'Task',
  Resource: 'function:work',
  ...(Next ? { Next } : { End: true }),
});
const branch = (name: string) => ({ StartAt: name, States: { [name]: work() } });
const broken = { error: 'Broken', cause: 'it is' };

describe('redrive', () => {
  let engine: TestEngine;
  let names = 0;

  beforeAll(async () => {
    engine = await createEngine();
    const files = { 'index.js': 'exports.handler = async (event) => event' };
    await engine.functions.deploy('default', { name: 'work', runtime: 'nodejs', files });
  });
  afterAll(() => engine?.close());

  const start = async (definition: object, input: unknown) => {
    const name = `flow-${++names}`;
    await engine.workflows.deploy('default', { name, definition: definition as never });
    return (await engine.executions.start('default', name, { input: input as never })).id;
  };
  const only = async () => {
    const tasks = await engine.claim();
    expect(tasks).toHaveLength(1);
    return tasks[0]!;
  };
  const settle = async () => {
    while ((await engine.mapRunTurns.runDue(10)) > 0);
  };
  const get = (id: string) => engine.executions.get('default', id);
  const redrive = (id: string) => engine.redrives.redrive('default', id);
  const history = (id: string) => engine.executions.listHistory('default', id, 0, 1_000);
  const types = async (id: string) => (await history(id)).map(({ type }) => type);

  it('goes on from the task that failed, as the same execution, with the same input', async () => {
    const id = await start({ StartAt: 'A', States: { A: work('B'), B: work() } }, 1);
    await engine.report(await only(), 2);
    await engine.fail(await only(), broken);
    const failed = await get(id);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Broken', redriveCount: 0 });
    const again = await redrive(id);
    expect(again).toMatchObject({ id, status: 'RUNNING', error: undefined, endedAt: undefined, redriveCount: 1 });
    expect(again.redrivenAt?.getTime()).toBeGreaterThanOrEqual(failed.endedAt?.getTime() ?? Infinity);
    const task = await only();
    expect(task).toMatchObject({ stateName: 'B', payload: 2 });
    await engine.report(task, 3);
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: 3, redriveCount: 1 });
    const all = await types(id);
    expect(all.slice(all.indexOf('ExecutionFailed'))).toEqual([
      'ExecutionFailed',
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    const events = await history(id);
    expect(events.map((event) => event.id)).toEqual(events.map((_, index) => index + 1));
    expect(events.find(({ type }) => type === 'ExecutionRedriven')?.details).toEqual({ redriveCount: 1 });
  });

  it('is known to the states by the context', async () => {
    const context = { Parameters: { 'count.$': '$$.Execution.RedriveCount', 'at.$': '$$.Execution.RedriveTime' } };
    const id = await start({ StartAt: 'A', States: { A: work('B'), B: { Type: 'Pass', ...context, End: true } } }, 1);
    await engine.fail(await only(), broken);
    await redrive(id);
    await engine.report(await only(), 2);
    const { output, redrivenAt } = await get(id);
    expect(output).toEqual({ count: 1, at: redrivenAt?.toISOString() });
  });

  it('gives a state its retries again, and may fail and be redriven again', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 1 }];
    const id = await start({ StartAt: 'A', States: { A: { ...work(), Retry } } }, 1);
    for (const redriveCount of [0, 1]) {
      await engine.fail(await only(), broken);
      expect((await get(id)).status).toBe('RUNNING');
      await engine.passSeconds(5);
      await engine.timers.fireDue(10);
      await engine.fail(await only(), broken);
      expect(await get(id)).toMatchObject({ status: 'FAILED', redriveCount });
      await redrive(id);
    }
    await engine.report(await only(), 'at last');
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: 'at last', redriveCount: 2 });
  });

  it('keeps the branches that have succeeded, and begins again those that had not ended', async () => {
    const Branches = [branch('A'), branch('B'), branch('C')];
    const id = await start({ StartAt: 'P', States: { P: { Type: 'Parallel', Branches, End: true } } }, 0);
    const tasks = new Map((await engine.claim()).map((task) => [task.stateName, task]));
    await engine.report(tasks.get('A')!, 'a');
    await engine.fail(tasks.get('B')!, broken);
    expect((await get(id)).status).toBe('FAILED');
    await redrive(id);
    const again = await engine.claim();
    expect(again.map(({ stateName }) => stateName).toSorted()).toEqual(['B', 'C']);
    for (const task of again) await engine.report(task, task.stateName?.toLowerCase());
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: ['a', 'b', 'c'] });
  });

  it('keeps the iterations that have succeeded, and begins the others as MaxConcurrency allows', async () => {
    const ItemProcessor = { StartAt: 'A', States: { A: work() } };
    const M = { Type: 'Map', MaxConcurrency: 2, ItemProcessor, End: true };
    const id = await start({ StartAt: 'M', States: { M } }, [0, 1, 2, 3, 4]);
    const [first, second] = (await engine.claim()).toSorted((a, b) => Number(a.payload) - Number(b.payload));
    await engine.report(first!, 'a');
    await engine.fail(second!, broken);
    expect((await get(id)).status).toBe('FAILED');
    await redrive(id);
    const seen: unknown[] = [];
    for (let tasks = await engine.claim(); tasks.length > 0; tasks = await engine.claim()) {
      expect(tasks.length).toBeLessThanOrEqual(2);
      seen.push(...tasks.map(({ payload }) => payload));
      for (const task of tasks) await engine.report(task, task.payload);
    }
    expect(seen.toSorted()).toEqual([1, 2, 3, 4]);
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: ['a', 1, 2, 3, 4] });
  });

  it('goes on with the iterations that were not made yet', async () => {
    const ItemProcessor = { StartAt: 'A', States: { A: work() } };
    const M = { Type: 'Map', MaxConcurrency: 2, ItemProcessor, End: true };
    const count = 1_010;
    const id = await start(
      { StartAt: 'M', States: { M } },
      Array.from({ length: count }, (_, n) => n),
    );
    const [first] = await engine.claim();
    await engine.fail(first!, broken);
    expect((await get(id)).status).toBe('FAILED');
    await redrive(id);
    let done = 0;
    for (let tasks = await engine.claim(); tasks.length > 0; tasks = await engine.claim()) {
      await Promise.all(tasks.map((task) => engine.report(task, task.payload)));
      done += tasks.length;
    }
    const { status, output } = await get(id);
    expect([status, done, (output as number[]).length, (output as number[])[count - 1]]).toEqual([
      'SUCCEEDED',
      count,
      count,
      count - 1,
    ]);
  });

  it('puts outputs together again when that is what failed', async () => {
    const passes = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
    const P = { Type: 'Parallel', Branches: [passes], ResultSelector: { 'x.$': '$[0].missing' }, End: true };
    const id = await start({ StartAt: 'P', States: { P } }, {});
    expect((await get(id)).status).toBe('FAILED');
    expect(await redrive(id)).toMatchObject({ status: 'FAILED', redriveCount: 1, error: 'States.Runtime' });
  });

  it('goes on after a stop, and gives the whole execution its time anew after a timeout', async () => {
    const id = await start({ StartAt: 'A', TimeoutSeconds: 60, States: { A: work() } }, 7);
    await only();
    await engine.executions.stop('default', id);
    expect((await redrive(id)).status).toBe('RUNNING');
    await only();
    await engine.passSeconds(61);
    await engine.timers.fireDue(10);
    expect((await get(id)).status).toBe('TIMED_OUT');
    expect((await redrive(id)).status).toBe('RUNNING');
    const task = await only();
    await engine.passSeconds(59);
    await engine.timers.fireDue(10);
    expect((await get(id)).status).toBe('RUNNING');
    await engine.passSeconds(2);
    await engine.timers.fireDue(10);
    expect((await get(id)).status).toBe('TIMED_OUT');
    expect(await engine.report(task, 1)).toBe(false);
  });

  it('drives the children of a map run again that did not succeed, and begins those that had not begun', async () => {
    const ItemProcessor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'A',
      States: { A: work() },
    };
    const M = { Type: 'Map', MaxConcurrency: 2, ItemProcessor, End: true };
    const id = await start({ StartAt: 'M', States: { M } }, [0, 1, 2, 3]);
    await settle();
    const [first, second] = (await engine.claim()).toSorted((a, b) => Number(a.payload) - Number(b.payload));
    await engine.report(first!, 'a');
    await engine.fail(second!, broken);
    await settle();
    expect((await get(id)).status).toBe('FAILED');
    const pending = async () => (await engine.mapRuns.listOfExecution(id))[0]?.pendingRedrive;
    expect(await pending()).toEqual({ executions: 0, items: 0 });
    await redrive(id);
    expect(await pending()).toEqual({ executions: 1, items: 1 });
    await settle();
    expect(await pending()).toEqual({ executions: 0, items: 0 });
    for (let tasks = await engine.claim(); tasks.length > 0; tasks = await engine.claim()) {
      for (const task of tasks) await engine.report(task, task.payload);
      await settle();
    }
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: ['a', 1, 2, 3] });
    const [mapRun] = await engine.mapRuns.listOfExecution(id);
    expect(await types(id)).toContain('MapRunRedriven');
    expect(mapRun).toMatchObject({ redriveCount: 1, counts: { SUCCEEDED: { executions: 4, items: 4 } } });
  });

  it('takes a map run up again whose children are just being stopped', async () => {
    const ItemProcessor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'A',
      States: { A: work() },
    };
    const id = await start({ StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor, End: true } } }, [0, 1, 2]);
    await settle();
    await engine.fail((await engine.claim())[0]!, broken);
    while ((await get(id)).status === 'RUNNING') await engine.mapRunTurns.runDue(1);
    await engine.mapRunTurns.runDue(1); // Stops the others, and has not counted them yet.
    await redrive(id);
    await settle();
    const tasks = await engine.claim();
    expect(tasks.map(({ payload }) => payload).toSorted()).toEqual([0, 1, 2]);
    for (const task of tasks) await engine.report(task, task.payload);
    await settle();
    expect(await get(id)).toMatchObject({ status: 'SUCCEEDED', output: [0, 1, 2] });
  });

  it('is refused for what runs, has succeeded, or belongs to a map run', async () => {
    const refused = expect.objectContaining({ code: 'execution_not_redrivable' });
    const running = await start({ StartAt: 'A', States: { A: work() } }, 1);
    await expect(redrive(running)).rejects.toEqual(refused);
    await engine.report(await only(), 1);
    await expect(redrive(running)).rejects.toEqual(refused);
    const Fails = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'F',
      States: { F: { Type: 'Fail' } },
    };
    const id = await start({ StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: Fails, End: true } } }, [1]);
    await settle();
    const [mapRun] = await engine.mapRuns.listOfExecution(id);
    const [child] = await engine.executions.list('default', { mapRun: mapRun!.id, limit: 1 });
    await expect(redrive(child!.id)).rejects.toEqual(refused);
  });
});

describe('rerun', () => {
  let engine: TestEngine;
  const definition = {
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Result: { a: 1 }, Assign: { kept: 'yes' }, Next: 'B' },
      B: { Type: 'Pass', Parameters: { 'seen.$': '$.a', 'var.$': '$kept' }, Next: 'C' },
      C: { Type: 'Pass', End: true },
    },
  };

  beforeAll(async () => {
    engine = await createEngine();
    await engine.workflows.deploy('default', { name: 'flow', definition: definition as never });
  });
  afterAll(() => engine?.close());

  it('is a new execution of the same version that begins at a state, with what the state had', async () => {
    const before = await engine.executions.start('default', 'flow', { input: { from: 'caller' } });
    await engine.workflows.deploy('default', {
      name: 'flow',
      definition: { ...definition, Comment: 'newer' } as never,
    });
    const again = await engine.reruns.rerun('default', before.id, { from: 'B' });
    expect(again).toMatchObject({
      version: 1,
      rerunOf: before.id,
      status: 'SUCCEEDED',
      input: { from: 'caller' },
      output: { seen: 1, var: 'yes' },
    });
    expect(again.id).not.toBe(before.id);
    const events = await engine.executions.listHistory('default', again.id, 0, 100);
    expect(events.map(({ type, details }) => [type, (details as { name?: string }).name])).toEqual([
      ['ExecutionStarted', undefined],
      ['PassStateEntered', 'B'],
      ['PassStateExited', 'B'],
      ['PassStateEntered', 'C'],
      ['PassStateExited', 'C'],
      ['ExecutionSucceeded', undefined],
    ]);
  });

  it('takes another input and other variables', async () => {
    const { id } = await engine.executions.start('default', 'flow:1', { input: {} });
    const edited = { from: 'B', input: { a: 2 }, variables: { kept: 'edited' } };
    const again = await engine.reruns.rerun('default', id, edited);
    expect(again.output).toEqual({ seen: 2, var: 'edited' });
  });

  it('is refused for a state that is not there, one that was never reached without input, and while it runs', async () => {
    const states = { W: { Type: 'Wait', Seconds: 100, Next: 'X' }, X: { Type: 'Succeed' } };
    await engine.workflows.deploy('default', { name: 'waits', definition: { StartAt: 'W', States: states } as never });
    const { id } = await engine.executions.start('default', 'waits', { input: 1 });
    const rerun = (from: string, input?: number) =>
      engine.reruns.rerun('default', id, { from, ...(input !== undefined && { input }) });
    await expect(rerun('X')).rejects.toMatchObject({ code: 'execution_still_runs' });
    await engine.executions.stop('default', id);
    await expect(rerun('Y')).rejects.toMatchObject({ issues: [{ pointer: '/from' }] });
    await expect(rerun('X')).rejects.toMatchObject({ issues: [{ pointer: '/input' }] });
    expect(await rerun('X', 5)).toMatchObject({ status: 'SUCCEEDED', output: 5 });
  });
});
