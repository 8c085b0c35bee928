import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Task } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

const branch = (name: string) => ({
  StartAt: name,
  States: { [name]: { Type: 'Task', Resource: 'function:work', End: true } },
});

describe('the history of an execution', () => {
  let engine: TestEngine;
  let names = 0;

  beforeAll(async () => {
    engine = await createEngine();
    await engine.functions.deploy('default', { name: 'work', runtime: 'command', command: ['true'] });
  });
  afterAll(() => engine?.close());

  const start = async (states: object, input: Json = {}) => {
    const name = `flow-${++names}`;
    const definition = { StartAt: Object.keys(states)[0] ?? '', States: states } as never;
    await engine.workflows.deploy('default', { name, definition });
    return (await engine.executions.start('default', name, { input })).id;
  };
  const open = async (executionId: string): Promise<Task[]> => {
    const tasks = await engine.tasks.list('default', { executionId, limit: 100 });
    return tasks.filter(({ status }) => status === 'QUEUED').toReversed();
  };
  const read = (id: string) => engine.executions.listHistory('default', id, 0, 1_000);
  const told = async (id: string) => (await read(id)).map(({ id: event, type, previous }) => [event, type, previous]);
  const settle = async () => {
    while ((await engine.mapRunTurns.runDue(10)) > 0);
  };

  it('chains each branch to itself, whichever of them moves', async () => {
    const id = await start({ P: { Type: 'Parallel', Branches: [branch('X'), branch('Y')], End: true } });
    const [x, y] = await open(id);
    await engine.answer(y!, 'y');
    await engine.answer(x!, 'x');
    expect(await told(id)).toEqual([
      [1, 'ExecutionStarted', 0],
      [2, 'ParallelStateEntered', 0],
      [3, 'ParallelStateStarted', 2],
      [4, 'TaskStateEntered', 3],
      [5, 'TaskScheduled', 4],
      [6, 'TaskStateEntered', 3],
      [7, 'TaskScheduled', 6],
      [8, 'TaskStarted', 7],
      [9, 'TaskSucceeded', 8],
      [10, 'TaskStateExited', 9],
      [11, 'TaskStarted', 5],
      [12, 'TaskSucceeded', 11],
      [13, 'TaskStateExited', 12],
      [14, 'ParallelStateSucceeded', 13],
      [15, 'ParallelStateExited', 13],
      [16, 'ExecutionSucceeded', 15],
    ]);
    const backwards = await engine.executions.listHistoryBackwards('default', id, 15, 4);
    expect(backwards.map(({ previous }) => previous)).toEqual([13, 12, 11, 5]);
  });

  it('chains an iteration that had to wait to the one that made room, over several turns', async () => {
    const Map = { Type: 'Map', MaxConcurrency: 1, ItemProcessor: branch('W'), End: true };
    const id = await start({ M: Map }, [1, 2]);
    await engine.answer((await open(id))[0]!, 1);
    await engine.answer((await open(id))[0]!, 2);
    expect((await told(id)).slice(8)).toEqual([
      [9, 'TaskStateExited', 8],
      [10, 'MapIterationSucceeded', 9],
      [11, 'MapIterationStarted', 9],
      [12, 'TaskStateEntered', 11],
      [13, 'TaskScheduled', 12],
      [14, 'TaskStarted', 13],
      [15, 'TaskSucceeded', 14],
      [16, 'TaskStateExited', 15],
      [17, 'MapIterationSucceeded', 16],
      [18, 'MapStateSucceeded', 17],
      [19, 'MapStateExited', 17],
      [20, 'ExecutionSucceeded', 19],
    ]);
  });

  it('tells of all that a failure ends, however deep it runs, and of nothing that has ended or not begun', async () => {
    const inner = {
      StartAt: 'M',
      States: { M: { Type: 'Map', ItemProcessor: branch('W'), MaxConcurrency: 2, End: true } },
    };
    const Branches = [branch('Fails'), inner, branch('Done')];
    const id = await start({ P: { Type: 'Parallel', Branches, End: true } }, [1, 2, 3]);
    const tasks = await open(id);
    const of = (name: string) => tasks.find(({ stateName }) => stateName === name)!;
    await engine.answer(of('Done'), 1);
    await engine.fail(of('Fails'), { error: 'Boom', cause: '' });
    const events = await read(id);
    const failed = events.find(({ type }) => type === 'TaskFailed')!.id;
    const after = events.filter(({ id: event }) => event > failed);
    expect(after.map(({ type, previous, details }) => [type, previous, (details as JsonObject)['index']])).toEqual([
      ['TaskStateAborted', failed, undefined],
      ['MapStateAborted', failed, undefined],
      ['MapIterationAborted', failed, 0],
      ['TaskStateAborted', failed, undefined],
      ['MapIterationAborted', failed, 1],
      ['TaskStateAborted', failed, undefined],
      ['ParallelStateFailed', failed, undefined],
      ['ExecutionFailed', failed + 7, undefined],
    ]);
  });

  it('tells of a map run that ends with its branch', async () => {
    const ItemProcessor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...branch('W') };
    const inner = { StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor, End: true } } };
    const id = await start({ P: { Type: 'Parallel', Branches: [branch('Fails'), inner], End: true } }, [1]);
    await settle();
    await engine.fail((await open(id))[0]!, { error: 'Boom', cause: '' });
    const types = (await read(id)).map(({ type }) => type);
    expect(types.slice(-5)).toEqual([
      'TaskStateAborted',
      'MapStateAborted',
      'MapRunAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
  });

  it('ends with nothing but the stop of an execution that is stopped, which follows nothing', async () => {
    const id = await start({ P: { Type: 'Parallel', Branches: [branch('X'), branch('Y')], End: true } });
    await engine.executions.stop('default', id, { error: 'Enough', cause: 'a person' });
    expect((await told(id)).slice(6)).toEqual([
      [7, 'TaskScheduled', 6],
      [8, 'ExecutionAborted', 0],
    ]);
  });

  it('goes on behind the redrive, a branch behind its own last event', async () => {
    const id = await start({ P: { Type: 'Parallel', Branches: [branch('X'), branch('Y')], End: true } });
    const [x] = await open(id);
    await engine.fail(x!, { error: 'Boom', cause: '' });
    const ended = (await read(id)).at(-1)!.id;
    await engine.redrives.redrive('default', id);
    expect((await told(id)).slice(ended)).toEqual([
      [ended + 1, 'ExecutionRedriven', ended],
      [ended + 2, 'TaskScheduled', 9],
      [ended + 3, 'TaskScheduled', 7],
    ]);
  });
});
