import { randomUUID } from 'node:crypto';
import { InvalidRequest } from '@app/common';
import type { Json, State, Surroundings } from '@app/workflow';

/** What the context object has, where it is not as usual: in AWS's words. */
export interface TestContext {
  readonly Execution?: {
    readonly Id?: string;
    readonly Name?: string;
    readonly Input?: Json;
    readonly RoleArn?: string;
    readonly StartTime?: string;
  };
  readonly State?: { readonly Name?: string; readonly EnteredTime?: string; readonly RetryCount?: number };
  readonly StateMachine?: { readonly Id?: string; readonly Name?: string };
  readonly Task?: { readonly Token?: string };
}

export function surroundingsOf(
  input: Json,
  { Execution = {}, StateMachine = {}, Task }: TestContext,
  maxDataBytes: number,
): Surroundings {
  // A state that waits for its token takes one before anything else is made up.
  let token = Task?.Token;
  const uuid = (): string => {
    const made = token ?? randomUUID();
    token = undefined;
    return made;
  };
  return {
    execution: {
      id: Execution.Id ?? randomUUID(),
      name: Execution.Name ?? 'test-state',
      input: Execution.Input ?? input,
      startTime: Execution.StartTime ?? new Date().toISOString(),
      ...(Execution.RoleArn !== undefined && { roleArn: Execution.RoleArn }),
    },
    stateMachine: { id: StateMachine.Id ?? 'workflow:test-state', name: StateMachine.Name ?? 'test-state' },
    now: Date.now(),
    random: Math.random,
    uuid,
    maxDataBytes,
  };
}

export function checkToken({ Task }: TestContext, state: State): void {
  if (Task?.Token === undefined || (state.Type === 'Task' && state.Resource.endsWith('.waitForTaskToken'))) return;
  const message = "is only for a Task state whose Resource ends with '.waitForTaskToken'";
  throw new InvalidRequest([{ pointer: '/context/Task', message }]);
}

/** A mocked error may only be from a state that is there. */
export function checkOrigin(origin: string | undefined, state: State): void {
  if (origin === undefined || statesIn(state).has(origin)) return;
  const message = `there is no state ${origin} inside of this one`;
  throw new InvalidRequest([{ pointer: '/stateConfiguration/errorCausedByState', message }]);
}

function statesIn(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const part of value) statesIn(part, found);
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) {
      if (key === 'States' && typeof part === 'object' && part !== null)
        for (const name of Object.keys(part)) found.add(name);
      statesIn(part, found);
    }
  return found;
}
