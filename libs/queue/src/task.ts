/** `function` is for executors; `publish` is a message for the bus, sent by a router. */
export type TaskKind = 'function' | 'publish';

export type TaskStatus = 'QUEUED' | 'RUNNING' | 'PUBLISHING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED';
export type EndStatus = Exclude<TaskStatus, 'QUEUED' | 'RUNNING' | 'PUBLISHING'>;

/** `lambda`: who waits wants the result wrapped as AWS' Lambda integration wraps it. */
export type ResultShape = 'plain' | 'lambda';

/** What a task must find free, and the labels its executor must have. */
export interface Requirements {
  readonly labels: readonly string[];
  readonly memoryMb: number;
  readonly vcpu: number;
}

/** Who waits for a task: the step of a frame of an execution. */
export interface Waiter {
  readonly executionId: string;
  readonly frameId: number;
  readonly step: number;
}

export interface NewTask extends Requirements {
  readonly id: string;
  readonly namespace: string;
  readonly kind: TaskKind;
  readonly waiter?: Waiter;
  readonly stateName?: string;
  readonly resource: string;
  readonly functionVersionId?: string;
  readonly payload: unknown;
  readonly resultShape?: ResultShape;
  readonly timeoutSeconds: number;
}

/** A claimed attempt. `attempt` is the fence: only the holder of the latest may report. */
export interface TaskRef {
  readonly id: string;
  readonly attempt: number;
}

export interface Task extends TaskRef, Requirements {
  readonly namespace: string;
  readonly kind: TaskKind;
  readonly waiter: Waiter | undefined;
  readonly stateName: string | undefined;
  readonly resource: string;
  readonly functionVersionId: string | undefined;
  readonly payload: unknown;
  readonly resultShape: ResultShape;
  readonly status: TaskStatus;
  readonly timeoutSeconds: number;
  readonly executorId: string | undefined;
  readonly progress: unknown;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly report: unknown;
  readonly createdAt: Date;
  readonly startedAt: Date | undefined;
  readonly endedAt: Date | undefined;
}

export interface Claim {
  readonly kind: TaskKind;
  readonly labels: readonly string[];
  readonly limit: number;
  readonly memoryMb: number;
  readonly vcpu: number;
  readonly executorId?: string;
  readonly leaseSeconds: number;
}

export interface Ending {
  readonly status: EndStatus;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly report?: unknown;
}
