import type { Json } from '@app/workflow';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';

/** Why an execution was started by a trigger: the trigger and the event. */
export interface StartedBy {
  readonly triggerId: string;
  readonly eventSource: string;
  readonly eventId: string;
}

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
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly startedBy: StartedBy | undefined;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  /** Counters of what is below it. */
  readonly nextFrameId: number;
  readonly nextHistoryId: number;
}

export interface ExecutionEnding {
  readonly status: ExecutionStatus;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}
