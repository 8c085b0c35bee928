import type { Task } from '@app/queue';
import type { Failure, Happened, Json, JsonObject } from '@app/workflow';
import type { Happening } from '../executions/advance.js';

/** How a task ended, or that it was handed out and goes on elsewhere. */
export type Outcome =
  | { readonly type: 'Succeeded' | 'Submitted'; readonly output: Json }
  | { readonly type: 'Failed'; readonly failure: Failure };

/** True if the work is only handed out by the task, and ended by who has the token. */
export const awaitsToken = ({ tokenHash, kind }: Task): boolean => tokenHash !== undefined && kind !== 'activity';

/** What a task's outcome is to the frame that waits for it: that it was started, when, and how it came out. */
export function happenings(task: Task, outcome: Outcome): Happening[] {
  if (!task.waiter) return [];
  const { frameId, step } = task.waiter;
  const started = { type: 'TaskStarted', step, details: startDetails(task) } as const;
  return [
    { frameId, happened: started, at: task.startedAt },
    { frameId, happened: happenedTo(task, step, outcome) },
  ];
}

function happenedTo(task: Task, step: number, outcome: Outcome): Happened {
  if (outcome.type === 'Failed') {
    const { failure } = outcome;
    const isSending = task.kind === 'publish' || task.kind === 'workflow';
    return { type: 'TaskFailed', step, failure, ...(isSending && awaitsToken(task) && { before: 'submit' }) };
  }
  const { output } = outcome;
  return outcome.type === 'Submitted' || awaitsToken(task)
    ? { type: 'TaskSubmitted', step, output }
    : { type: 'TaskSucceeded', step, output };
}

function startDetails({ id, attempt, executorId, workerName, report }: Task): JsonObject {
  const { cachedFrom } = (report ?? {}) as { cachedFrom?: JsonObject };
  return {
    attempt,
    invocation: id,
    ...(executorId !== undefined && { executor: executorId }),
    ...(workerName !== undefined && { workerName }),
    ...(cachedFrom && { cachedFrom }),
  };
}
