import type { Attached } from '@app/sandbox';
import type { Assignment } from '@app/worker-api';

/** A task that has its place on this machine. */
export interface PlacedTask extends Assignment {
  /** The GPUs that are its alone, or its too, by their UUIDs. */
  readonly gpus?: readonly string[];
  readonly attached?: Attached;
}
