import type { Catcher, Retrier } from './definition.js';
import type { Frame } from './model.js';

/** A year, AWS's greatest MaxDelaySeconds. */
const MAX_DELAY_SECONDS = 31_622_400;

const TIMEOUTS: ReadonlySet<string> = new Set(['States.Timeout', 'States.HeartbeatTimeout']);

export function matchesError(names: readonly string[], error: string): boolean {
  if (error === 'States.Runtime') return false; // It always fails the execution.
  if (names.includes(error)) return true;
  if (error === 'States.ReferencePathConflict' && names.includes('States.ResultPathMatchFailure')) return true;
  if (names.includes('States.ALL')) return true; // States.DataLimitExceeded, too, though AWS's documentation says no.
  if (error === 'States.DataLimitExceeded') return false;
  if (TIMEOUTS.has(error)) return names.includes('States.Timeout');
  return names.includes('States.TaskFailed');
}

export interface Retry {
  readonly retries: Frame['retries'];
  readonly delayMs: number;
}

/** The first retrier that matches decides; when it is used up, no other one is asked. */
export function retryFor(
  retriers: readonly Retrier[],
  error: string,
  used: Frame['retries'],
  random: () => number,
): Retry | undefined {
  const { retrier, index } = retrierFor(retriers, error) ?? {};
  if (!retrier || index === undefined) return undefined;
  const before = used[index] ?? 0;
  if (before >= (retrier.MaxAttempts ?? 3)) return undefined;
  const seconds = backoffSeconds(retrier, before);
  const delayMs = 1000 * (retrier.JitterStrategy === 'FULL' ? random() * seconds : seconds);
  return { retries: { ...used, [index]: before + 1 }, delayMs: Math.round(delayMs) };
}

export function retrierFor(
  retriers: readonly Retrier[],
  error: string,
): { readonly retrier: Retrier; readonly index: number } | undefined {
  const index = retriers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, error));
  const retrier = retriers[index];
  return retrier && { retrier, index };
}

function backoffSeconds(retrier: Retrier, retriesBefore: number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = MAX_DELAY_SECONDS } = retrier;
  return Math.min(IntervalSeconds * BackoffRate ** retriesBefore, MaxDelaySeconds);
}

export function catcherFor(
  catchers: readonly Catcher[],
  error: string,
): { readonly catcher: Catcher; readonly index: number } | undefined {
  const index = catchers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, error));
  const catcher = catchers[index];
  return catcher && { catcher, index };
}

export const retryCount = (frame: Frame): number => Object.values(frame.retries).reduce((sum, count) => sum + count, 0);
