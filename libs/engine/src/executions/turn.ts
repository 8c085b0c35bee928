import type { Ending, Task } from '@app/queue';
import type { Happening } from './advance.js';
import type { Execution } from './execution.js';
import type { TimerKey } from './timer.repository.js';

/** What must still be so when a turn is written, or it was too late and changes nothing. It ends with the turn. */
export type Fence =
  /** The attempt holds its task. */
  | { readonly type: 'task'; readonly task: Pick<Task, 'id' | 'attempt'>; readonly ending: Ending }
  /** The timer is there. */
  | { readonly type: 'timer'; readonly timer: TimerKey };

export interface Beginning {
  readonly type: 'begin';
  readonly execution: Execution;
  readonly timeoutSeconds?: number | undefined;
}

export interface Happenings {
  readonly type: 'happened';
  readonly executionId: string;
  readonly happenings: readonly Happening[];
  readonly fence?: Fence | undefined;
}

/** One thing that moves one execution. */
export type Turn = Beginning | Happenings;

export const executionOf = (turn: Turn): string => (turn.type === 'begin' ? turn.execution.id : turn.executionId);

/** Two turns of one fence: only one of them can be in time. */
export function fenceKey(turn: Turn): string | undefined {
  if (turn.type === 'begin' || !turn.fence) return undefined;
  const { fence } = turn;
  if (fence.type === 'task') return fence.task.id;
  const { frameId, step, kind } = fence.timer;
  return `${turn.executionId} ${frameId} ${step} ${kind}`;
}
