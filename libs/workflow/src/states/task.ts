import type { TaskState } from '../definition.js';
import { effectiveInput, outputOf, workInput } from '../data-flow.js';
import { runtimeFailure } from '../failure.js';
import type { Command, Failure, Json, JsonObject } from '../model.js';
import { selectRequired } from '../paths/select.js';
import { event, failureDetails, type Move, type Scene, sources } from '../scene.js';

const MAX_SECONDS = 99_999_999;

/** Asks for the work, at the first time and at each retry. */
export function runTask(scene: Scene, state: TaskState): Move {
  const { frame, around } = scene;
  const step = frame.step + 1;
  const input = workInput(scene, state);
  const timeoutSeconds = seconds(scene, state, 'TimeoutSeconds');
  const heartbeatSeconds = seconds(scene, state, 'HeartbeatSeconds');
  const limits = { ...(timeoutSeconds && { timeoutSeconds }), ...(heartbeatSeconds && { heartbeatSeconds }) };
  const commands: Command[] = [
    { type: 'RunTask', step, stateName: frame.stateName, resource: state.Resource, input, ...limits },
  ];
  if (timeoutSeconds) {
    commands.push({ type: 'StartTimer', step, kind: 'timeout', at: around.now + timeoutSeconds * 1000 });
  }
  const details: JsonObject = {
    resource: state.Resource,
    parameters: input,
    ...(timeoutSeconds && { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds && { heartbeatInSeconds: heartbeatSeconds }),
  };
  return { type: 'Wait', waiting: 'task', commands, history: [event('TaskScheduled', details)] };
}

export function taskSucceeded(scene: Scene, state: TaskState, output: Json): Move {
  return { type: 'Leave', output: outputOf(scene, state, output), next: state.Next };
}

export function taskFailed({ frame }: Scene, failure: Failure): Move {
  const isTimeout = failure.error === 'States.Timeout' || failure.error === 'States.HeartbeatTimeout';
  const details = { resourceName: frame.stateName, ...failureDetails(failure) };
  return { type: 'Fail', failure, history: [event(isTimeout ? 'TaskTimedOut' : 'TaskFailed', details)] };
}

export function taskTimedOut(scene: Scene): Move {
  const cause = `The task '${scene.frame.stateName}' ran longer than its TimeoutSeconds.`;
  const failed = taskFailed(scene, { error: 'States.Timeout', cause });
  return { ...failed, commands: [{ type: 'CancelTask', step: scene.frame.step }] };
}

function seconds(scene: Scene, state: TaskState, field: 'TimeoutSeconds' | 'HeartbeatSeconds'): number | undefined {
  const path = state[`${field}Path`];
  if (path === undefined) return state[field];
  const value = selectRequired(path, sources(scene, effectiveInput(scene, state)), `${field}Path`);
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_SECONDS) return value as number;
  throw runtimeFailure(`The ${field}Path parameter '${path}' does not reference a positive integer.`);
}
