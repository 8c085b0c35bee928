import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 50;

/** A random share of a span that doubles, so that many executors do not come back at the same moment. */
export const backoffMs = (failures: number, maxMs: number): number =>
  FIRST_MS / 2 + Math.random() * Math.min(maxMs, FIRST_MS * 2 ** failures);

export interface RetryOptions {
  readonly attempts: number;
  readonly maxMs: number;
  readonly signal: AbortSignal;
  readonly isWorthIt: (error: unknown) => boolean;
}

export async function retry<T>(options: RetryOptions, work: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (options.signal.aborted || failures >= options.attempts || !options.isWorthIt(error)) throw error;
      await sleep(backoffMs(failures, options.maxMs), undefined, { signal: options.signal });
    }
  }
}
