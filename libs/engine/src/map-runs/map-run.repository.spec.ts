import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { MapRunRepository } from './map-run.repository.js';

const Each = {
  Type: 'Map',
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'A',
    States: { A: { Type: 'Wait', Seconds: 1_000, End: true } },
  },
  End: true,
};

describe('MapRunRepository', () => {
  let engine: TestEngine;
  let runs: MapRunRepository;

  beforeAll(async () => {
    engine = await createEngine();
    runs = engine.app.get(MapRunRepository, { strict: false });
    const definition = { StartAt: 'Each', States: { Each } };
    await engine.workflows.deploy('default', { name: 'each', definition: definition as never });
    await engine.executions.start('default', 'each', { input: [1, 2] });
  });
  afterAll(() => engine?.close());

  it('gives a map run to one router at a time, and to another when the lease has run out', async () => {
    const [first] = await runs.claim(10, 60);
    expect(first).toMatchObject({ stateName: 'Each', attempt: 1, status: 'RUNNING' });
    expect(await runs.claim(10, 60)).toEqual([]);
    await engine.passSeconds(61);
    const [second] = await runs.claim(10, 60);
    expect(second).toMatchObject({ id: first?.id, attempt: 2 });
  });

  it('takes nothing more from a router that has lost its lease', async () => {
    await engine.passSeconds(61);
    const [held] = await runs.claim(10, 60);
    const lost = { ...held!, attempt: held!.attempt - 1 };
    await runs.savePosition(lost, { items: 9, children: 9, atEnd: true });
    expect(await runs.end(lost, 'FAILED', { error: 'Late', cause: '' })).toBe(false);
    await runs.release(lost, 0);
    expect(await runs.find(held!.id)).toMatchObject({ status: 'RUNNING', position: { items: 0, atEnd: false } });
    expect(await runs.claim(10, 60)).toEqual([]);
    expect(await runs.end(held!, 'FAILED', { error: 'InTime', cause: '' })).toBe(true);
    expect(await runs.end(held!, 'SUCCEEDED')).toBe(false);
  });

  it('is due again as soon as a child has ended', async () => {
    const input = [1];
    const { id } = await engine.executions.start('default', 'each', { input });
    while ((await engine.mapRunTurns.runDue(10)) > 0);
    expect(await runs.claim(10, 0)).toEqual([]);
    const [mapRun] = await engine.mapRuns.listOfExecution(id);
    const [child] = await engine.executions.list('default', { mapRun: mapRun!.id, limit: 1 });
    await engine.executions.stop('default', child!.id);
    expect(await runs.claim(10, 0)).toMatchObject([{ id: mapRun!.id }]);
  });
});
