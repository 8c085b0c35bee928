import type { TaskState } from '../definition.js';
import { languageOf } from '../language/language-of.js';
import { numberGiven } from '../language/numbers.js';
import type { Command, Failure, Json } from '../model.js';
import { failureDetails, type Move, type Scene, whereFailed } from '../scene.js';
import { isActivity, isIntegrated, taskEvent } from './task-event.js';

/** What is answered by who knows the token, through the API. */
const needsToken = (resource: string): boolean => resource.endsWith('.waitForTaskToken');

/** A function cannot send any: that its executor lives is known from the executor's lease. */
const sendsHeartbeats = (resource: string): boolean => needsToken(resource) || isActivity(resource);

const SECONDS = { least: 1, most: 99_999_999, wanted: 'a positive integer' };

/** Asks for the work, at the first time and at each retry. */
export function runTask(asked: Scene, state: TaskState): Move {
  const { around } = asked;
  const token = needsToken(state.Resource) ? around.uuid() : undefined;
  const scene = token === undefined ? asked : { ...asked, frame: { ...asked.frame, token } };
  const { frame } = scene;
  const step = frame.step + 1;
  const language = languageOf(scene, state);
  const seen = language.input(scene, state);
  const input = language.workInput(scene, state, seen);
  const timeoutSeconds = numberGiven(language, scene, [state, 'TimeoutSeconds'], seen, SECONDS);
  const heartbeatSeconds = numberGiven(language, scene, [state, 'HeartbeatSeconds'], seen, SECONDS);
  const limits = { ...(timeoutSeconds && { timeoutSeconds }), ...(heartbeatSeconds && { heartbeatSeconds }) };
  const commands: Command[] = [
    {
      type: 'RunTask',
      step,
      stateName: frame.stateName,
      resource: state.Resource,
      input,
      ...limits,
      ...(token && { token }),
    },
  ];
  if (timeoutSeconds) {
    commands.push({ type: 'StartTimer', step, kind: 'timeout', at: around.now + timeoutSeconds * 1000 });
  }
  if (heartbeatSeconds && sendsHeartbeats(state.Resource)) {
    commands.push({ type: 'StartTimer', step, kind: 'heartbeat', at: around.now + heartbeatSeconds * 1000 });
  }
  const { Resource: resource } = state;
  const details: Record<string, Json> = isIntegrated(resource) ? { resource, parameters: input } : { resource, input };
  if (timeoutSeconds) details['timeoutInSeconds'] = timeoutSeconds;
  if (heartbeatSeconds) details['heartbeatInSeconds'] = heartbeatSeconds;
  const history = [taskEvent(scene, 'Scheduled', details)];
  return { type: 'Wait', waiting: 'task', ...(token && { set: { token } }), commands, history };
}

export function taskSucceeded(scene: Scene, state: TaskState, output: Json): Move {
  const language = languageOf(scene, state);
  const left = language.complete(scene, state, scene.frame.input, output);
  return { type: 'Leave', left, next: state.Next };
}

export function taskFailed(
  scene: Scene,
  told: Failure,
  before?: 'schedule' | 'submit',
): Extract<Move, { type: 'Fail' }> {
  const failure = before === 'schedule' ? { ...told, cause: whereFailed(scene.frame) + told.cause } : told;
  const isTimeout = failure.error === 'States.Timeout' || failure.error === 'States.HeartbeatTimeout';
  const what = before ? NOT_EVEN[before] : isTimeout ? 'TimedOut' : 'Failed';
  return { type: 'Fail', failure, history: [taskEvent(scene, what, failureDetails(failure))] };
}

const NOT_EVEN = { schedule: 'ScheduleFailed', submit: 'SubmitFailed' } as const;

/** AWS tells of it as any timeout, though Retry and Catch may name it apart. */
export function heartbeatMissed(scene: Scene): Move {
  return { ...taskTimedOut(scene), matchedAs: 'States.HeartbeatTimeout' };
}

/** AWS tells no cause of a timeout. */
export function taskTimedOut(scene: Scene): Extract<Move, { type: 'Fail' }> {
  const failed = taskFailed(scene, { error: 'States.Timeout', cause: '' });
  return { ...failed, commands: [{ type: 'CancelTask', step: scene.frame.step }] };
}
