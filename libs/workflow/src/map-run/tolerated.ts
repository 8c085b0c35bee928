import type { Failure } from '../model.js';
import type { MapRunSpec } from './map-run.js';

type Tolerance = Pick<MapRunSpec, 'toleratedFailureCount' | 'toleratedFailurePercentage'>;

/** Items, not batches: all items of a failed batch have failed. */
export interface MapRunCounts {
  /** Failed, timed out or aborted. */
  readonly failed: number;
  /** Unknown while items are still being read; until then no percentage is judged. */
  readonly total?: number;
}

/**
 * Whether the map run may go on. Without a threshold the first failure ends it; with two, each of them may. A threshold
 * of 0 counts as none, as it does on AWS.
 */
export function tolerated({ failed, total }: MapRunCounts, spec: Tolerance): boolean {
  const { toleratedFailureCount: count = 0, toleratedFailurePercentage: percentage = 0 } = spec;
  if (count === 0 && percentage === 0) return failed === 0;
  if (count !== 0 && failed > count) return false;
  // Multiplied out, as 7 / 100 * 100 is more than 7.
  return percentage === 0 || total === undefined || failed * 100 <= percentage * total;
}

/** AWS's words. */
export const THRESHOLD_EXCEEDED: Failure = {
  error: 'States.ExceedToleratedFailureThreshold',
  cause: 'The specified tolerated failure threshold was exceeded',
};
