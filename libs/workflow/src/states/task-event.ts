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
const INTEGRATION = /^arn:[^:]+:states:::((?:aws-sdk:)?[^:]+):(.+)$/;

export const isActivity = (resource: string): boolean => ACTIVITY.test(resource);

/** An event of a Task state under the name that AWS gives it, which depends on what does the work. */
export function taskEvent(scene: Scene, what: What, details: JsonObject): HistoryEvent {
  const { who, integration } = workerAt((stateOf(scene) as TaskState).Resource);
  return event(`${who}${what}`, integration ? { ...details, ...integration } : details);
}

interface Worker {
  readonly who: 'Activity' | 'LambdaFunction' | 'Task';
  /** All events of an integration say which it is: `lambda` and `invoke`, of `arn:aws:states:::lambda:invoke`. */
  readonly integration?: { readonly resourceType: string; readonly resource: string };
}

const MAX_KNOWN = 1000;
const workers = new Map<string, Worker>();

function workerAt(resource: string): Worker {
  const known = workers.get(resource);
  if (known) return known;
  if (workers.size >= MAX_KNOWN) workers.clear();
  const worker = readWorker(resource);
  workers.set(resource, worker);
  return worker;
}

function readWorker(resource: string): Worker {
  const [, resourceType, action] = INTEGRATION.exec(resource) ?? [];
  if (resourceType !== undefined && action !== undefined) {
    return { who: 'Task', integration: { resourceType, resource: action } };
  }
  if (isActivity(resource)) return { who: 'Activity' };
  return { who: LAMBDA.test(resource) ? 'LambdaFunction' : 'Task' };
}

/** What a worker is given is called so by AWS. */
export const inputName = (resource: string): 'input' | 'parameters' =>
  workerAt(resource).who === 'Task' ? 'parameters' : 'input';

/** AWS calls an integration by its service (`lambda` of `arn:aws:states:::lambda:invoke`), and others by all of their name. */
export const workerOf = ({ Resource }: TaskState): string =>
  /^arn:[^:]+:states:::((?:aws-sdk:)?[^:]+)/.exec(Resource)?.[1] ?? Resource;
