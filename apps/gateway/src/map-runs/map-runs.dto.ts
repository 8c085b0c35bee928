import { type EndStatus, type MapRun, type MapRunSeen, runningChildren, totalItems } from '@app/engine';
import { z } from 'zod';
import { uuid } from '../shell/names.js';
import { listOf } from '../shell/pages.js';

const count = z.int().min(0);
const counts = z
  .object({
    pending: count.optional().meta({ description: 'Not begun yet; absent while it is not known how many there are' }),
    running: count,
    succeeded: count,
    failed: count,
    timedOut: count,
    aborted: count,
    pendingRedrive: count.meta({ description: 'Have not succeeded, and wait to be driven again by a redrive' }),
    failuresNotRedrivable: count.meta({
      description: 'Have not succeeded and are not driven again: they were tolerated, and the map run has succeeded',
    }),
    resultsWritten: count.meta({
      description:
        'Whose results are written: into the output of the state, or by its ResultWriter. 0 until it has ended',
    }),
    total: count.optional().meta({ description: 'Absent until all items are read' }),
  })
  .meta({ id: 'MapRunCounts' });

export const mapRunView = z
  .object({
    id: uuid,
    executionId: uuid,
    stateName: z.string(),
    status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED']),
    error: z.string().optional(),
    cause: z.string().optional(),
    maxConcurrency: count.meta({ description: '0: no limit but 10,000' }),
    toleratedFailureCount: count.optional(),
    toleratedFailurePercentage: z.number().optional(),
    itemCounts: counts.meta({ description: 'With a batcher, an execution has several items' }),
    executionCounts: counts,
    redriveCount: count,
    redrivenAt: z.iso.datetime().optional(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional().meta({ description: 'When the last child had ended' }),
  })
  .meta({ id: 'MapRun' });
export const changeMapRun = z
  .strictObject({
    maxConcurrency: count.max(2_147_483_647).optional().meta({ description: '0: no limit but 10,000' }),
    toleratedFailureCount: count.max(2_147_483_647).optional(),
    toleratedFailurePercentage: z.number().min(0).max(100).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, {
    error: 'must have maxConcurrency, toleratedFailureCount or toleratedFailurePercentage',
  })
  .meta({ id: 'ChangeMapRun' });
export type ChangeMapRun = z.output<typeof changeMapRun>;

export const mapRunList = listOf(mapRunView);

export function toMapRunView(run: MapRunSeen) {
  const { toleratedFailureCount, toleratedFailurePercentage, maxConcurrency } = run.spec;
  return {
    id: run.id,
    executionId: run.executionId,
    stateName: run.stateName,
    status: run.status,
    ...run.failure,
    maxConcurrency,
    ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
    ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
    itemCounts: itemCounts(run),
    executionCounts: executionCounts(run),
    redriveCount: run.redriveCount,
    ...(run.redrivenAt && { redrivenAt: run.redrivenAt.toISOString() }),
    startedAt: run.startedAt.toISOString(),
    ...(run.endedAt && { endedAt: run.endedAt.toISOString() }),
  };
}

function itemCounts(run: MapRunSeen) {
  const total = totalItems(run);
  const ended = endedBy(run, 'items');
  return {
    ...(total !== undefined && { pending: total - run.position.items, total }),
    running: Math.max(0, run.position.items - sumOf(ended) - run.pendingRedrive.items),
    ...ended,
    ...afterwards(run, ended, 'items'),
  };
}

/** How many executions the items make is known when all have begun, or when each has its own. */
function executionCounts(run: MapRunSeen) {
  const total = run.position.atEnd ? run.position.children : run.spec.batcher ? undefined : totalItems(run);
  const ended = endedBy(run, 'executions');
  return {
    ...(total !== undefined && { pending: total - run.position.children, total }),
    running: Math.max(0, runningChildren(run) - run.pendingRedrive.executions),
    ...ended,
    ...afterwards(run, ended, 'executions'),
  };
}

type Ended = ReturnType<typeof endedBy>;
const sumOf = (ended: Ended): number => Object.values(ended).reduce((sum, n) => sum + n, 0);

/** What AWS's DescribeMapRun tells of the results, and of what a redrive has before it. */
function afterwards({ status, spec, endedAt, pendingRedrive }: MapRunSeen, ended: Ended, of: 'items' | 'executions') {
  // A ResultWriter writes of what has failed, too, when the last child has ended.
  const isWritten = status === 'SUCCEEDED' || (status === 'FAILED' && spec.writer?.resource !== undefined && endedAt);
  const all = sumOf(ended);
  return {
    pendingRedrive: pendingRedrive[of],
    failuresNotRedrivable: status === 'SUCCEEDED' ? all - ended.succeeded : 0,
    resultsWritten: isWritten ? all : 0,
  };
}

function endedBy({ counts: tallies }: MapRun, of: 'items' | 'executions') {
  const ended = (status: EndStatus): number => tallies[status]?.[of] ?? 0;
  return {
    succeeded: ended('SUCCEEDED'),
    failed: ended('FAILED'),
    timedOut: ended('TIMED_OUT'),
    aborted: ended('ABORTED'),
  };
}
