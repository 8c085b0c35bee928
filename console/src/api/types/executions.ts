import type { Json, LargeValue } from './values.js';

export const executionStatuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

export interface ExecutionProgress {
  readonly percent: number;
  readonly etaSeconds?: number;
  readonly tasks: { readonly ended: number; readonly running: number; readonly waiting: number };
}

export interface Execution {
  readonly progress?: ExecutionProgress | null;
  readonly id: string;
  readonly name: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: ExecutionStatus;
  readonly input?: Json;
  readonly inputDetails?: LargeValue;
  readonly output?: Json;
  readonly outputDetails?: LargeValue;
  readonly error?: string | null;
  readonly cause?: string | null;
  readonly trigger?: string | null;
  readonly event?: { readonly source: string; readonly id: string } | null;
  readonly alias?: string;
  readonly mapRun?: { readonly id: string; readonly index: number };
  readonly rerunOf?: string;
  readonly redriveCount?: number;
  readonly redriveStatus?: 'REDRIVABLE' | 'NOT_REDRIVABLE';
  readonly startedAt: string;
  readonly endedAt?: string | null;
}

export interface HistoryEvent {
  readonly id: number;
  /** What it follows on its line; 0 if nothing. */
  readonly previousEventId: number;
  readonly type: string;
  readonly at: string;
  readonly frameId: number;
  readonly details: { readonly [key: string]: Json };
}

export interface MapRun {
  readonly id: string;
  readonly stateName: string;
  readonly status: ExecutionStatus;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
  readonly itemCounts: {
    readonly pending?: number;
    readonly running: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly timedOut: number;
    readonly aborted: number;
    readonly total?: number;
  };
}
