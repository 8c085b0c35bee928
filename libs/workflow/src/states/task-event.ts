import type { TaskState } from '../definition.js';
import type { HistoryEvent, JsonObject } from '../model.js';
import { event, type Scene, stateOf } from '../scene.js';

type What =
  | 'Scheduled'
  | 'ScheduleFailed'
  | 'Started'
  | 'Submitted'
  | 'SubmitFailed'
  | 'Succeeded'
  | 'Failed'
  | 'TimedOut';

const ACTIVITY = /(^|:)activity:/;
const LAMBDA = /^arn:[^:]+:lambda:/;

export const isActivity = (resource: string): boolean => ACTIVITY.test(resource);

/** An event of a Task state under the name that AWS gives it, which depends on what does the work. */
export function taskEvent(scene: Scene, what: What, details: JsonObject): HistoryEvent {
  const { Resource } = stateOf(scene) as TaskState;
  const who = isActivity(Resource) ? 'Activity' : LAMBDA.test(Resource) ? 'LambdaFunction' : 'Task';
  return event(`${who}${what}`, details);
}

/** AWS calls an integration by its service (`lambda` of `arn:aws:states:::lambda:invoke`), and others by all of their name. */
export const workerOf = ({ Resource }: TaskState): string =>
  /^arn:[^:]+:states:::((?:aws-sdk:)?[^:]+)/.exec(Resource)?.[1] ?? Resource;
