import type { Failure, MapRunSpec } from '@app/workflow';
import type { ExecutionStatus } from '../executions/execution.js';

export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
export type EndStatus = Exclude<ExecutionStatus, 'RUNNING'>;

export interface Tally {
  readonly executions: number;
  readonly items: number;
}
/** What has become of the children that have ended. */
export type MapRunCounts = Partial<Record<EndStatus, Tally>>;

/** How far the items are read. All children before it have begun. */
export interface Position {
  readonly items: number;
  readonly children: number;
  /** There is nothing behind it. */
  readonly atEnd: boolean;
}
export const BEGINNING: Position = { items: 0, children: 0, atEnd: false };

/** Without the items that came with the state's input: those are read like those of a file. */
export type StoredSpec = Omit<MapRunSpec, 'items' | 'keys'> & { readonly itemCount?: number };

export interface MapRun {
  readonly id: string;
  readonly namespace: string;
  readonly executionId: string;
  readonly frameId: number;
  readonly step: number;
  readonly stateName: string;
  readonly status: MapRunStatus;
  readonly spec: StoredSpec;
  readonly position: Position;
  readonly counts: MapRunCounts;
  readonly redriveCount: number;
  readonly redrivenAt: Date | undefined;
  readonly failure: Failure | undefined;
  /** The fence of whoever works on it. */
  readonly attempt: number;
  readonly startedAt: Date;
  /** When nothing of it was left to do. */
  readonly endedAt: Date | undefined;
}

const UNSUCCESSFUL = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;
const sum = (tallies: readonly (Tally | undefined)[], of: keyof Tally): number =>
  tallies.reduce((total, tally) => total + (tally?.[of] ?? 0), 0);

export const endedChildren = ({ counts }: MapRun): number => sum(Object.values(counts), 'executions');
export const runningChildren = (run: MapRun): number => run.position.children - endedChildren(run);
export const unsuccessfulItems = ({ counts }: MapRun): number =>
  sum(
    UNSUCCESSFUL.map((status) => counts[status]),
    'items',
  );

/** Known once all are read, or from the beginning if they came with the input. */
export const totalItems = ({ spec, position }: MapRun): number | undefined =>
  position.atEnd ? position.items : spec.itemCount;
