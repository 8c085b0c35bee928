import type { TaskState } from '../definition.js';
import type { HistoryEvent, Json } from '../model.js';
import { event, type Scene, stateOf } from '../scene.js';

const WHATS = [
  'Scheduled',
  'ScheduleFailed',
  'Started',
  'Submitted',
  'SubmitFailed',
  'Succeeded',
  'Failed',
  'TimedOut',
] as const;
type What = (typeof WHATS)[number];

const ACTIVITY = /(^|:)activity:/;
const LAMBDA = /^arn:[^:]+:lambda:/;
const INTEGRATION = /^arn:[^:]+:states:::((?:aws-sdk:)?[^:]+):(.+)$/;

export const isActivity = (resource: string): boolean => ACTIVITY.test(resource);

/**
 * An event of a Task state under the name that AWS gives it, which depends on what does the work. All events of an
 * integration say which it is: `lambda` and `invoke`, of `arn:aws:states:::lambda:invoke`. The details become the
 * event's own, as a copy of each would make a transition slower by a fifth.
 */
export function taskEvent(scene: Scene, what: What, details: Record<string, Json>): HistoryEvent {
  const { names, resourceType, action } = workerAt((stateOf(scene) as TaskState).Resource);
  if (action !== undefined) {
    details['resourceType'] = resourceType;
    details['resource'] = action;
  }
  return event(names[what], details);
}

/** Read once for each resource, as events are many. */
interface Worker {
  readonly isTask: boolean;
  readonly names: Readonly<Record<What, string>>;
  readonly resourceType: string;
  /** Of an integration. */
  readonly action: string | undefined;
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
  const [, resourceType = '', action] = INTEGRATION.exec(resource) ?? [];
  const who = isActivity(resource) ? 'Activity' : LAMBDA.test(resource) ? 'LambdaFunction' : 'Task';
  const names = Object.fromEntries(WHATS.map((what) => [what, `${who}${what}`])) as Record<What, string>;
  return { isTask: who === 'Task', names, resourceType, action };
}

/** AWS calls what it is given `parameters`; for the others it is their `input`. */
export const isIntegrated = (resource: string): boolean => workerAt(resource).isTask;

/** AWS calls an integration by its service (`lambda` of `arn:aws:states:::lambda:invoke`), and others by all of their name. */
export const workerOf = ({ Resource }: TaskState): string =>
  /^arn:[^:]+:states:::((?:aws-sdk:)?[^:]+)/.exec(Resource)?.[1] ?? Resource;
