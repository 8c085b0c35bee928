import { describe, expect, it } from '@jest/globals';
import type { MapRunSeen } from '@app/engine';
import { toMapRunView } from './map-runs.dto.js';

/** Batches of two: three have succeeded, one has failed, and one waits to be driven again. */
const run = (more: Partial<MapRunSeen>): MapRunSeen => ({
  id: 'r',
  namespace: 'default',
  executionId: 'e',
  frameId: 0,
  step: 1,
  stateName: 'M',
  status: 'RUNNING',
  spec: { maxConcurrency: 0, executionType: 'STANDARD', itemCount: 10, batcher: { maxItemsPerBatch: 2 } },
  position: { items: 10, children: 5, atEnd: true },
  counts: { SUCCEEDED: { executions: 3, items: 6 }, FAILED: { executions: 1, items: 2 } },
  pendingRedrive: { executions: 0, items: 0 },
  redriveCount: 0,
  redrivenAt: undefined,
  failure: undefined,
  attempt: 1,
  startedAt: new Date(0),
  endedAt: undefined,
  ...more,
});
const writer = {
  resource: 'arn:aws:states:::s3:putObject',
  config: { outputType: 'JSON', transformation: 'NONE' },
} as const;
const written = (one: MapRunSeen) => toMapRunView(one).itemCounts.resultsWritten;

describe('the counts of a map run', () => {
  it('are those of items and of executions, nothing twice', () => {
    const { itemCounts, executionCounts } = toMapRunView(run({ pendingRedrive: { executions: 1, items: 2 } }));
    const rest = { pending: 0, timedOut: 0, aborted: 0, failuresNotRedrivable: 0, resultsWritten: 0 };
    expect(executionCounts).toEqual({ ...rest, running: 0, succeeded: 3, failed: 1, pendingRedrive: 1, total: 5 });
    expect(itemCounts).toEqual({ ...rest, running: 0, succeeded: 6, failed: 2, pendingRedrive: 2, total: 10 });
  });

  it('say what is written, and what no redrive will drive again, once the map run has succeeded', () => {
    const { executionCounts } = toMapRunView(run({ status: 'SUCCEEDED' }));
    expect(executionCounts).toMatchObject({ failed: 1, failuresNotRedrivable: 1, resultsWritten: 4 });
  });

  it('say of a failed map run that its results are written when its ResultWriter has ended', () => {
    const failed = run({ status: 'FAILED' });
    const withWriter = { ...failed, spec: { ...failed.spec, writer } };
    const ended = { endedAt: new Date(1) };
    expect([written(failed), written({ ...failed, ...ended }), written(withWriter)]).toEqual([0, 0, 0]);
    expect(toMapRunView({ ...withWriter, ...ended }).itemCounts).toMatchObject({
      failuresNotRedrivable: 0,
      resultsWritten: 8,
    });
  });
});
