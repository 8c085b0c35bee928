import type { Json } from '@app/workflow';
import type { Refs } from '../payloads/payload-marks.js';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';

/** Why an execution was started by a trigger: the trigger and the event. */
export interface StartedBy {
  readonly triggerId: string;
  readonly eventSource: string;
  readonly eventId: string;
}

/** The task of another execution that started this one. */
export interface ParentTask {
  readonly executionId: string;
  readonly taskId: string;
  /** How many executions above wait for this one. */
  readonly depth: number;
}

export type ExecutionRefs = Refs<'input' | 'output'>;

export interface Execution {
  readonly id: string;
  readonly namespace: string;
  readonly workflow: string;
  readonly workflowVersionId: string;
  readonly version: number;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly input: Json;
  readonly output: Json | undefined;
  /** Of what is too large for its row. Lists leave such values out: null and undefined stand for them. */
  readonly refs?: ExecutionRefs | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly startedBy: StartedBy | undefined;
  readonly parent?: ParentTask | undefined;
  /** What led to the version. */
  readonly alias: string | undefined;
  /** The part of the definition that it runs: '' is the whole, a child of a map run has its item processor. */
  readonly machine: string;
  /** The map run that it is a child of, its place in it, and how many items it works on. */
  readonly mapRun: { readonly id: string; readonly index: number; readonly items: number } | undefined;
  /** The execution whose state it began at. */
  readonly rerunOf: string | undefined;
  readonly redriveCount: number;
  readonly redrivenAt: Date | undefined;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
}

/** What is the same for all that begin. */
export const NEW_EXECUTION = {
  status: 'RUNNING',
  output: undefined,
  error: undefined,
  cause: undefined,
  endedAt: undefined,
  startedBy: undefined,
  parent: undefined,
  alias: undefined,
  machine: '',
  mapRun: undefined,
  rerunOf: undefined,
  redriveCount: 0,
  redrivenAt: undefined,
} as const;

/** AWS' limit. */
const MAX_REDRIVES = 1_000;

/** A child of a map run is redriven with the map run. */
export const isRedrivable = ({ status, redriveCount, mapRun }: Execution): boolean =>
  status !== 'RUNNING' && status !== 'SUCCEEDED' && redriveCount < MAX_REDRIVES && mapRun === undefined;

export interface ExecutionEnding {
  readonly status: ExecutionStatus;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}
