import type { ExecutorRepository } from './executor.repository.js';

/** Tasks are assigned by the hundred each second; executors come and go by the minute. */
const FRESH_MS = 5_000;
const SEEN_SECONDS = 60;

/** How many executors take work, as of some seconds ago: for dividing work, not for relying on. */
export class ExecutorCount {
  private readAt = -Infinity;
  private known: Promise<number> = Promise.resolve(1);

  constructor(private readonly executors: ExecutorRepository) {}

  /** At least one: whoever is given a task is there. */
  get(): Promise<number> {
    if (performance.now() - this.readAt < FRESH_MS) return this.known;
    this.readAt = performance.now();
    const before = this.known;
    this.known = this.executors.count(SEEN_SECONDS).then(
      (count) => Math.max(1, count),
      () => before,
    );
    return this.known;
  }
}
