import type { Ending, Task } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import type { Happening } from './advance.js';
import type { Changes } from './changes.js';
import type { Execution } from './execution.js';
import type { TimerKey } from './timer.repository.js';

/** What must still be so when a turn is written, or it was too late and changes nothing. It ends with the turn. */
export type Fence =
  /** The attempt holds its task. */
  | { readonly type: 'task'; readonly task: Pick<Task, 'id' | 'attempt'>; readonly ending: Ending }
  /** The timer is there. */
  | { readonly type: 'timer'; readonly timer: TimerKey };

export interface EntryPoint {
  readonly stateName: string;
  readonly input: Json;
  readonly variables: JsonObject;
}

export interface Beginning {
  readonly type: 'begin';
  readonly execution: Execution;
  readonly timeoutSeconds?: number | undefined;
  /** Where it begins, if not at the machine's beginning. */
  readonly from?: EntryPoint | undefined;
}

export interface Happenings {
  readonly type: 'happened';
  readonly executionId: string;
  readonly happenings: readonly Happening[];
  readonly fence?: Fence | undefined;
  /** Of an execution that has ended, too: puts its frames to where it goes on, and gives what happens to them. */
  readonly revive?: ((changes: Changes) => Promise<readonly Happening[]>) | undefined;
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
