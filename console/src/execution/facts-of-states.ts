import type { Invocation } from '../api/types.js';
import type { StateFacts } from '../graph/state-node.js';
import { duration } from '../ui/time.js';
import { isOver } from './load-history.js';
import { overall, type StateRun } from './state-runs.js';

/** What the drawing shows of each state that was visited. */
export function factsOfStates(
  byState: ReadonlyMap<string, readonly StateRun[]>,
  invocations: readonly Invocation[],
): Map<string, StateFacts> {
  const facts = new Map<string, StateFacts>();
  for (const [name, runs] of byState) {
    const status = overall(runs);
    if (status === 'IDLE') continue;
    const busy = invocations.filter((one) => one.stateName === name && !isOver(one));
    facts.set(name, { status, note: note(runs), percent: status === 'RUNNING' ? percent(busy) : undefined });
  }
  return facts;
}

function note(runs: readonly StateRun[]): string {
  const children = runs.at(-1)?.children;
  if (runs.length === 1 && runs[0]?.type === 'Map' && children && children.total > 0) {
    return `${children.done} / ${children.total}`;
  }
  if (runs.length > 1) return `${runs.filter((run) => run.endedAt !== undefined).length} / ${runs.length}`;
  const run = runs[0];
  if (!run?.endedAt) return '';
  return duration(Date.parse(run.endedAt) - Date.parse(run.enteredAt));
}

/** Of several that run at once, their mean. */
function percent(busy: readonly Invocation[]): number | undefined {
  const known = busy.map((one) => one.progress?.percent).filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : undefined;
}
