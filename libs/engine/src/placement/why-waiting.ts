import type { DeviceNeeds, Requirements } from '@app/queue';
import type { Resources } from '@app/worker-api';
import { type Want, wantsOf } from './wants.js';

export type WaitCode =
  | 'not_due'
  | 'same_work'
  | 'no_executor'
  | 'missing_label'
  | 'too_large'
  | 'draining'
  | 'busy'
  | 'function_limit'
  | 'namespace_quota'
  | 'prefers_gpu'
  | 'aging'
  | 'reserved'
  | 'next';

export interface WaitReason {
  readonly code: WaitCode;
  readonly message: string;
}

export interface Place {
  readonly name: string;
  readonly labels: readonly string[];
  readonly capacity: Resources;
  /** By its own account; unknown until it has asked for work. */
  readonly free: Resources | null;
  readonly isDraining: boolean;
}

export interface Waiting {
  readonly task: Requirements;
  readonly waitedSeconds: number;
  /** Seconds until it may be tried (again); 0 if it may. */
  readonly dueInSeconds: number;
  /** The invocation that does the same work at this moment. */
  readonly sameWorkAs: string | undefined;
  readonly ofFunction: number;
  readonly ofNamespace: number;
  readonly maxRunning: number | undefined;
  readonly keptFree?: string | null;
}

/** Names what keeps a task in the queue: limits first, then what no executor has, then what none has free. */
export function whyWaiting(waiting: Waiting, executors: readonly Place[]): WaitReason[] {
  const { task, dueInSeconds, waitedSeconds, sameWorkAs } = waiting;
  if (dueInSeconds > 0 && sameWorkAs)
    return [
      reason('same_work', `Invocation ${sameWorkAs} does the same work, and its result will be that of this one too`),
    ];
  if (dueInSeconds > 0) return [reason('not_due', `It is tried again in ${Math.ceil(dueInSeconds)} s`)];
  const { prefer } = task.needs ?? {};
  const prefers = prefer && waitedSeconds < prefer.afterSeconds;
  const limits = limitsOf(waiting);
  if (limits.length > 0) return limits;
  if (!prefers) return withAge(placesOf(task, task.needs, executors), waiting);
  const wanted = { ...task, labels: [...task.labels, ...prefer.labels] };
  const seconds = Math.ceil(prefer.afterSeconds - waitedSeconds);
  const why = placesOf(wanted, prefer, executors);
  return [...why, reason('prefers_gpu', `It would rather have a GPU, and does without in ${seconds} s`)];
}

/** From when on its age is worth telling. */
const OLD_SECONDS = 15;

/** Who has waited long does not wait behind smaller ones for ever. */
function withAge(reasons: WaitReason[], { waitedSeconds, keptFree }: Waiting): WaitReason[] {
  const age = `It has waited for ${Math.floor(waitedSeconds)} s`;
  if (keptFree)
    return [...reasons, reason('reserved', `${age}: what it needs of the executor ${keptFree} is kept free for it`)];
  if (waitedSeconds < OLD_SECONDS || !reasons.some(({ code }) => code === 'busy')) return reasons;
  const soon = 'before long, what it needs of an executor that could run it is kept free for it';
  return [...reasons, reason('aging', `${age}: ${soon}`)];
}

function limitsOf({ task, ofFunction, ofNamespace, maxRunning }: Waiting): WaitReason[] {
  const limit = task.needs?.maxConcurrency;
  return [
    ...(limit !== undefined && ofFunction >= limit
      ? [reason('function_limit', `${ofFunction} tasks of its function run, and maxConcurrency is ${limit}`)]
      : []),
    ...(maxRunning !== undefined && ofNamespace >= maxRunning
      ? [reason('namespace_quota', `${ofNamespace} tasks of its namespace run, and the quota is ${maxRunning}`)]
      : []),
  ];
}

function placesOf(task: Requirements, devices: DeviceNeeds | undefined, executors: readonly Place[]): WaitReason[] {
  if (executors.length === 0) return [reason('no_executor', 'No executor is there')];
  const labelled = executors.filter(({ labels }) => task.labels.every((label) => labels.includes(label)));
  if (labelled.length === 0) return missingLabels(task.labels, executors);
  const wants = wantsOf(task, devices);
  const large = labelled.filter(({ capacity }) => wants.every(({ isIn }) => isIn(capacity)));
  if (large.length === 0)
    return lacking(
      wants,
      labelled.map(({ capacity }) => capacity),
      'too_large',
    );
  const open = large.filter(({ isDraining }) => !isDraining);
  if (open.length === 0)
    return [reason('draining', `Only ${namesOf(large)} could run it, which was asked to stop and takes no more`)];
  if (open.some(({ free }) => free && wants.every(({ isIn }) => isIn(free))))
    return [reason('next', 'There is room for it: it starts next, or others have their turn before it')];
  return lacking(
    wants,
    open.flatMap(({ free }) => free ?? []),
    'busy',
  );
}

function missingLabels(labels: readonly string[], executors: readonly Place[]): WaitReason[] {
  const missing = labels.filter((label) => !executors.some((executor) => executor.labels.includes(label)));
  if (missing.length === 0) return [reason('missing_label', `No executor has all of ${labels.join(', ')}`)];
  return missing.map((label) => reason('missing_label', `No executor has the label ${label}`));
}

function lacking(wants: readonly Want[], rooms: readonly Resources[], code: 'too_large' | 'busy'): WaitReason[] {
  const nowhere = wants.filter(({ isIn }) => !rooms.some(isIn));
  const has = code === 'busy' ? 'has free' : 'has';
  if (nowhere.length === 0) return [reason(code, `No executor ${has} all that it needs at the same time`)];
  return nowhere.map(({ what }) => reason(code, `No executor with its labels ${has} ${what}`));
}

const reason = (code: WaitCode, message: string): WaitReason => ({ code, message });
const namesOf = (places: readonly Place[]): string => [...new Set(places.map(({ name }) => name))].join(', ');
