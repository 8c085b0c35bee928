import type { Requirements } from '@app/queue';
import type { Resources } from '@app/worker-api';
import { wantsOf } from './wants.js';

/** A task that has waited longer than others should. */
export interface Starving extends Requirements {
  readonly id: string;
}

export interface Candidate {
  readonly id: string;
  readonly labels: readonly string[];
  readonly capacity: Resources;
  readonly free: Resources | null;
  /** The task that it is being kept free for. */
  readonly reservedFor: string | null;
}

export interface NewReservation {
  readonly executorId: string;
  readonly taskId: string;
}

/**
 * Which executors are to be kept free for which tasks, the longest waiting first: for each the executor that lacks
 * least, of those that could run it. One that could start it now needs nothing; and half of the executors, at least, go
 * on as before, but for a single one.
 */
export function reservations(starving: readonly Starving[], executors: readonly Candidate[]): NewReservation[] {
  const held = new Set(executors.flatMap(({ reservedFor }) => reservedFor ?? []));
  const open = executors.filter(({ reservedFor }) => reservedFor === null);
  const most = Math.max(1, Math.floor(executors.length / 2));
  const made: NewReservation[] = [];
  for (const task of starving) {
    if (held.has(task.id)) continue;
    if (held.size + made.length >= most) break;
    const able = open.filter((one) => canRun(task, one) && !made.some(({ executorId }) => executorId === one.id));
    if (able.some(({ free }) => free !== null && hasRoom(task, free))) continue;
    const [best] = able.toSorted((a, b) => lack(task, a) - lack(task, b));
    if (best) made.push({ executorId: best.id, taskId: task.id });
  }
  return made;
}

const canRun = (task: Requirements, { labels, capacity }: Candidate): boolean =>
  task.labels.every((label) => labels.includes(label)) && hasRoom(task, capacity);

export const hasRoom = (task: Requirements, resources: Resources): boolean =>
  wantsOf(task, task.needs).every(({ isIn }) => isIn(resources));

/** How much of what it asks for is missing, each thing as a share of what is asked. */
function lack({ memoryMb, vcpu, needs }: Requirements, { free }: Candidate): number {
  if (!free) return Infinity;
  const disk = missing(needs?.diskMb ?? 0, free.diskMb ?? 0);
  const devices = hasDevices({ needs }, free) ? 0 : 1;
  return missing(memoryMb, free.memoryMb) + missing(vcpu, free.vcpu) + disk + devices;
}

const missing = (wanted: number, there: number): number => (wanted > there ? 1 - there / wanted : 0);

/**
 * What others may be given of an executor that is being kept free for a task. While the task waits for devices, only
 * those are kept: tasks that need none go on. Once they are there for it, all that it needs is kept.
 */
export function leftBeside(free: Resources, task: Requirements): Resources {
  const kept = keepDevices(free, task);
  if (!hasDevices(task, free)) return kept;
  const { memoryMb, vcpu, needs } = task;
  const { diskMb, diskShareMb = 0 } = free;
  return {
    ...kept,
    slots: Math.max(0, free.slots - 1),
    memoryMb: Math.max(0, free.memoryMb - memoryMb),
    vcpu: Math.max(0, free.vcpu - vcpu),
    ...(diskMb !== undefined && { diskMb: Math.max(0, diskMb - (needs?.diskMb ?? diskShareMb)) }),
  };
}

/** What the executor itself has to leave for it: all that it needs, or nothing while it waits for devices. */
export function keptFor(task: Starving | null, free: Resources): Pick<Resources, 'memoryMb' | 'vcpu'> | undefined {
  return task && hasDevices(task, free) ? { memoryMb: task.memoryMb, vcpu: task.vcpu } : undefined;
}

function hasDevices({ needs }: Pick<Requirements, 'needs'>, free: Resources): boolean {
  const anything = { labels: [], memoryMb: 0, vcpu: 0 };
  return wantsOf(anything, needs).every(({ isIn }) => isIn({ ...free, slots: 1, diskMb: 0, diskShareMb: 0 }));
}

/** Of the GPUs the freest; none of them is given to another meanwhile, not even in part. */
function keepDevices(free: Resources, { needs }: Pick<Requirements, 'needs'>): Resources {
  const { gpus: count = 0, encoderSessions: sessions = 0 } = needs ?? {};
  const { gpus, encoderSessions } = free;
  const freest = [...(gpus ?? []).keys()].toSorted((a, b) => (gpus?.[b]?.memoryMb ?? 0) - (gpus?.[a]?.memoryMb ?? 0));
  const kept = new Set(freest.slice(0, count));
  return {
    ...free,
    ...(gpus && { gpus: gpus.map((gpu, index) => (kept.has(index) ? { memoryMb: 0, isWhole: false } : gpu)) }),
    ...(encoderSessions !== undefined && { encoderSessions: Math.max(0, encoderSessions - sessions) }),
  };
}
