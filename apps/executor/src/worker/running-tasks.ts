import type { StopReason } from '@app/sandbox';
import type { Assignment, Poll, Progress, TaskRef } from '@app/worker-api';

const REMEMBERED = 2_000;

interface Running {
  readonly ref: TaskRef;
  readonly stop: (reason: StopReason) => void;
  progress?: Progress;
}

const keyOf = ({ id, attempt }: TaskRef): string => `${id}/${attempt}`;

/** The tasks in hand, and which ones were in hand lately. */
export class RunningTasks {
  private readonly running = new Map<string, Running>();
  private readonly known = new Set<string>();

  get size(): number {
    return this.running.size;
  }

  list(): Poll['running'] {
    return [...this.running.values()].map(({ ref: { id, attempt }, progress }) => ({
      id,
      attempt,
      ...(progress && { progress }),
    }));
  }

  /** Undefined for an attempt that was begun before: the same answer may come twice. */
  begin(task: Assignment): AbortSignal | undefined {
    const stop = new AbortController();
    return this.adopt(task, (reason) => stop.abort(reason)) ? stop.signal : undefined;
  }

  /** As `begin`, for one that runs already. */
  adopt(ref: TaskRef, stop: (reason: StopReason) => void): boolean {
    const key = keyOf(ref);
    if (this.known.has(key)) return false;
    this.known.add(key);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.values().next().value as string);
    this.running.set(key, { ref, stop });
    return true;
  }

  /** True if the percentage is another one than before. */
  progressed(ref: TaskRef, progress: Progress): boolean {
    const running = this.running.get(keyOf(ref));
    if (!running) return false;
    const hasMoved = progress.percent !== running.progress?.percent;
    running.progress = { ...running.progress, ...progress };
    return hasMoved;
  }

  stop(ref: TaskRef, reason: StopReason): void {
    this.running.get(keyOf(ref))?.stop(reason);
  }

  stopAll(reason: StopReason): void {
    for (const { stop } of this.running.values()) stop(reason);
  }

  end(ref: TaskRef): void {
    this.running.delete(keyOf(ref));
  }
}
