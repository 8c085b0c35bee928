import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

const processor = (states: object, StartAt = 'A') => ({
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  StartAt,
  States: states,
});
const passes = processor({ A: { Type: 'Pass', End: true } });
const works = processor({ A: { Type: 'Task', Resource: 'function:work', End: true } });
/** Fails for numbers below zero. */
const picky = processor({
  A: { Type: 'Choice', Choices: [{ Variable: '$', NumericLessThan: 0, Next: 'No' }], Default: 'Yes' },
  No: { Type: 'Fail', Error: 'Negative', Cause: 'It is' },
  Yes: { Type: 'Succeed' },
});
const machine = (map: object) => ({ StartAt: 'M', States: { M: { Type: 'Map', End: true, ...map } } });

describe('a distributed Map', () => {
  let engine: TestEngine;
  let names = 0;

  beforeAll(async () => {
    engine = await createEngine();
    const files = { 'index.js': 'exports.handler = async (event) => event' };
    await engine.functions.deploy('default', { name: 'work', runtime: 'nodejs', files });
    await engine.objects.ensureBucket('data');
  });
  afterAll(() => engine?.close());

  const start = async (definition: object, input: unknown) => {
    const name = `flow-${++names}`;
    await engine.workflows.deploy('default', { name, definition: definition as never });
    return (await engine.executions.start('default', name, { input: input as never })).id;
  };
  /** Lets the map runs have turns until none is due. */
  const settle = async () => {
    while ((await engine.mapRunTurns.runDue(10)) > 0);
  };
  const run = async (map: object, input: unknown) => {
    const id = await start(machine(map), input);
    await settle();
    return engine.executions.get('default', id);
  };
  const mapRunOf = async (id: string) => {
    const [mapRun] = await engine.mapRuns.listOfExecution(id);
    if (!mapRun) throw new Error('There is no map run');
    return mapRun;
  };
  const childrenOf = async (id: string) =>
    engine.executions.list('default', { mapRun: (await mapRunOf(id)).id, limit: 100 });
  const historyTypes = async (id: string) =>
    (await engine.executions.listHistory('default', id, 0, 100)).map(({ type }) => type);
  const readJson = async (key: string) =>
    JSON.parse(await text((await engine.objects.get({ bucket: 'data', key })).body));

  it('takes another concurrency and another tolerance while it runs, and none when it has ended', async () => {
    const map = { ItemProcessor: works, MaxConcurrency: 1 };
    const id = await start(
      machine(map),
      Array.from({ length: 6 }, (_, n) => n),
    );
    await settle();
    const { id: mapRunId } = await mapRunOf(id);
    const change = (wanted: object) => engine.mapRuns.update('default', mapRunId, wanted);
    const [first, ...none] = await engine.claim();
    expect(none).toEqual([]);
    expect((await change({ maxConcurrency: 3, toleratedFailureCount: 1 })).spec).toMatchObject({ maxConcurrency: 3 });
    await settle();
    const more = await engine.claim();
    expect(more).toHaveLength(2);
    await engine.fail(first!, { error: 'No', cause: '' });
    await settle();
    expect(await engine.executions.get('default', id)).toMatchObject({ status: 'RUNNING' });
    await change({ toleratedFailureCount: 0 });
    await settle();
    expect(await engine.executions.get('default', id)).toMatchObject({
      status: 'FAILED',
      error: 'States.ExceedToleratedFailureThreshold',
    });
    await expect(change({ maxConcurrency: 1 })).rejects.toMatchObject({ code: 'map_run_has_ended' });
    await expect(engine.mapRuns.update('other', mapRunId, {})).rejects.toMatchObject({ code: 'map_run_not_found' });
  });

  it('runs each item as an execution of its own and gives their outputs in order', async () => {
    const input = Array.from({ length: 1_234 }, (_, n) => n);
    const { id, status, output } = await run({ ItemProcessor: passes }, input);
    expect([status, output]).toEqual(['SUCCEEDED', input]);
    const mapRun = await mapRunOf(id);
    expect(mapRun).toMatchObject({
      status: 'SUCCEEDED',
      stateName: 'M',
      position: { items: 1_234, children: 1_234, atEnd: true },
      counts: { SUCCEEDED: { executions: 1_234, items: 1_234 } },
      endedAt: expect.any(Date),
    });
    const [child] = await childrenOf(id);
    expect(child).toMatchObject({ status: 'SUCCEEDED', machine: '/States/M/ItemProcessor', mapRun: { id: mapRun.id } });
    expect(await historyTypes(child?.id ?? '')).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    expect(await historyTypes(id)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('lists its children from the last item on, page by page', async () => {
    const { id } = await run({ ItemProcessor: passes }, [0, 1, 2, 3, 4]);
    const mapRun = (await mapRunOf(id)).id;
    const first = await engine.executions.list('default', { mapRun, limit: 3 });
    const { startedAt, id: last } = first.at(-1)!;
    const rest = await engine.executions.list('default', { mapRun, limit: 3, before: { startedAt, id: last } });
    expect([...first, ...rest].map((child) => child.mapRun?.index)).toEqual([4, 3, 2, 1, 0]);
  });

  it('is over at once when there are no items', async () => {
    expect(await run({ ItemProcessor: passes }, [])).toMatchObject({ status: 'SUCCEEDED', output: [] });
  });

  it('keeps its children out of the list of what people started', async () => {
    const { id } = await run({ ItemProcessor: passes }, [1]);
    const [newest] = await engine.executions.list('default', { limit: 1 });
    expect(newest?.id).toBe(id);
  });

  it('has no more children at work than MaxConcurrency, and begins the next when one ends', async () => {
    const id = await start(machine({ ItemProcessor: works, MaxConcurrency: 2 }), [1, 2, 3]);
    await settle();
    const tasks = await engine.claim();
    expect(tasks.map(({ payload }) => payload).toSorted()).toEqual([1, 2]);
    await engine.report(tasks[0]!, 'first');
    await settle();
    const [third] = await engine.claim();
    expect(third?.payload).toBe(3);
    for (const task of [tasks[1]!, third!]) await engine.report(task, task.payload);
    await settle();
    expect(await engine.executions.get('default', id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('gives the children what ItemSelector makes of the items, in batches', async () => {
    const map = {
      ItemsPath: '$.items',
      ItemSelector: { 'n.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index', 'of.$': '$.job' },
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'job.$': '$.job' } },
      ItemProcessor: passes,
    };
    const { id, output } = await run(map, { items: ['a', 'b', 'c'], job: 'x' });
    expect(output).toEqual([
      {
        BatchInput: { job: 'x' },
        Items: [
          { n: 'a', at: 0, of: 'x' },
          { n: 'b', at: 1, of: 'x' },
        ],
      },
      { BatchInput: { job: 'x' }, Items: [{ n: 'c', at: 2, of: 'x' }] },
    ]);
    expect((await mapRunOf(id)).counts).toEqual({ SUCCEEDED: { executions: 2, items: 3 } });
  });

  it('fails with the first item that fails, and stops the rest', async () => {
    const waits = processor({
      A: { Type: 'Choice', Choices: [{ Variable: '$', NumericLessThan: 0, Next: 'No' }], Default: 'W' },
      No: { Type: 'Fail', Error: 'Negative', Cause: '' },
      W: { Type: 'Wait', Seconds: 1_000, End: true },
    });
    const { id, status, error } = await run({ ItemProcessor: waits }, [1, -1, 2]);
    expect([status, error]).toEqual(['FAILED', 'States.ExceedToleratedFailureThreshold']);
    expect(await mapRunOf(id)).toMatchObject({
      status: 'FAILED',
      counts: { FAILED: { executions: 1 }, ABORTED: { executions: 2 } },
      endedAt: expect.any(Date),
    });
    expect((await childrenOf(id)).map((child) => child.status).toSorted()).toEqual(['ABORTED', 'ABORTED', 'FAILED']);
  });

  it('tolerates as many failures as it says', async () => {
    const map = { ItemProcessor: picky, ToleratedFailureCount: 1 };
    const tolerated = await run(map, [1, -1, 2]);
    expect(tolerated).toMatchObject({ status: 'SUCCEEDED', output: [1, { Status: 'FAILED', Error: 'Negative' }, 2] });
    expect(await run(map, [-1, -2, 3])).toMatchObject({ status: 'FAILED' });
  });

  it('stops its children when its execution is stopped, also where it stands in a branch that another one ends', async () => {
    const waits = processor({ A: { Type: 'Wait', Seconds: 1_000, End: true } });
    const id = await start(machine({ ItemProcessor: waits }), [1, 2]);
    await settle();
    await engine.executions.stop('default', id);
    await settle();
    expect((await childrenOf(id)).map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED']);
    expect(await mapRunOf(id)).toMatchObject({ status: 'ABORTED', endedAt: expect.any(Date) });

    const branch = machine({ ItemProcessor: waits });
    const other = { StartAt: 'F', States: { F: { Type: 'Task', Resource: 'function:work', End: true } } };
    const parallel = { StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [branch, other], End: true } } };
    const second = await start(parallel, [1]);
    await settle();
    await engine.fail((await engine.claim())[0]!, { error: 'Broken', cause: '' });
    await engine.passSeconds(60);
    await settle();
    expect(await engine.executions.get('default', second)).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect((await childrenOf(second)).map(({ status }) => status)).toEqual(['ABORTED']);
  });

  it('reads its items from the object store and writes the results there, as AWS does', async () => {
    const lines = [3, -1, 4].map((n) => `${n}\n`).join('');
    await engine.objects.put({ bucket: 'data', key: 'in.jsonl' }, lines);
    const map = {
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSONL' },
        Parameters: { Bucket: 'data', Key: 'in.jsonl' },
      },
      ItemProcessor: picky,
      ToleratedFailurePercentage: 50,
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'data', Prefix: 'out' } },
    };
    const { id, output } = await run(map, {});
    const mapRun = await mapRunOf(id);
    const Key = `out/${mapRun.id}/manifest.json`;
    expect(output).toEqual({ MapRunArn: mapRun.id, ResultWriterDetails: { Bucket: 'data', Key } });
    const manifest = await readJson(Key);
    expect(manifest).toMatchObject({
      DestinationBucket: 'data',
      MapRunArn: mapRun.id,
      ResultFiles: { FAILED: [{ Key: `out/${mapRun.id}/FAILED_0.json` }], PENDING: [], SUCCEEDED: [expect.anything()] },
    });
    const [succeeded] = manifest.ResultFiles.SUCCEEDED;
    const results = await readJson(succeeded.Key);
    expect(JSON.stringify(results)).toHaveLength(succeeded.Size);
    expect(results).toMatchObject([
      { Input: '3', Output: '3', Status: 'SUCCEEDED', StartDate: expect.any(String), StopDate: expect.any(String) },
      { Input: '4', Output: '4', Status: 'SUCCEEDED' },
    ]);
    expect(await readJson(`out/${mapRun.id}/FAILED_0.json`)).toMatchObject([{ Error: 'Negative', Status: 'FAILED' }]);
  });

  it('fails when its items cannot be read, with an error that Catch can name', async () => {
    const Catch = [{ ErrorEquals: ['States.ItemReaderFailed'], Next: 'Caught' }];
    const ItemReader = {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON' },
      Parameters: { Bucket: 'data', Key: 'none.json' },
    };
    const M = { Type: 'Map', ItemReader, ItemProcessor: passes, Catch, End: true };
    const id = await start({ StartAt: 'M', States: { M, Caught: { Type: 'Pass', End: true } } }, {});
    await settle();
    expect(await engine.executions.get('default', id)).toMatchObject({
      status: 'SUCCEEDED',
      output: { Error: 'States.ItemReaderFailed' },
    });
  });
});
