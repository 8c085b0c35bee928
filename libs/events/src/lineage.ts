import type { CloudEvent } from './cloud-event.js';

/** Of how many events, one from another, this one is the last; and what they started, for people. */
export interface Lineage {
  readonly hops: number;
  readonly path: string;
}

/** As AWS Lambda: a chain of so many events is taken for a loop. */
export const MAX_HOPS = 16;

export const HOPS_HEADER = 'spool-hops';
export const PATH_HEADER = 'spool-path';

/** As extension attributes of the event that comes of what was written. */
export const withLineage = <Data>(event: CloudEvent<Data>, { hops, path }: Lineage): CloudEvent<Data> =>
  ({ ...event, spoolhops: hops, spoolpath: path }) as CloudEvent<Data>;

/** None for what came from outside. */
export function lineageOf(event: CloudEvent<unknown>): Lineage | undefined {
  const { spoolhops, spoolpath } = event as { spoolhops?: unknown; spoolpath?: unknown };
  return typeof spoolhops === 'number' ? { hops: spoolhops, path: String(spoolpath ?? '') } : undefined;
}
