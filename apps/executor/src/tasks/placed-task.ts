import type { Assignment } from '@app/worker-api';

/** A task that has its place on this machine. */
export interface PlacedTask extends Assignment {
  /** Device nodes that belong to it alone, or to it too. */
  readonly devices?: readonly string[];
}
