import { type EndStatus, type MapRun, runningChildren, totalItems } from '@app/engine';
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

export function toMapRunView(run: MapRun) {
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

function itemCounts(run: MapRun) {
  const total = totalItems(run);
  const ended = endedBy(run, 'items');
  const done = Object.values(ended).reduce((sum, n) => sum + n, 0);
  return {
    ...(total !== undefined && { pending: total - run.position.items, total }),
    running: Math.max(0, run.position.items - done),
    ...ended,
  };
}

/** How many executions the items make is known when all have begun, or when each has its own. */
function executionCounts(run: MapRun) {
  const total = run.position.atEnd ? run.position.children : run.spec.batcher ? undefined : totalItems(run);
  return {
    ...(total !== undefined && { pending: total - run.position.children, total }),
    running: Math.max(0, runningChildren(run)),
    ...endedBy(run, 'executions'),
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
