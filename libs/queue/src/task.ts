/**
 * `function` is for executors, `activity` for workers outside. Routers do the others: `publish` a message, start a
 * `workflow` and wait for it, `stop` what such a task has started, read or write an `object`.
 */
export type TaskKind = 'function' | 'activity' | 'publish' | 'workflow' | 'stop' | 'object';

export type TaskStatus = 'QUEUED' | 'RUNNING' | 'PUBLISHING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED';
export type EndStatus = Exclude<TaskStatus, 'QUEUED' | 'RUNNING' | 'PUBLISHING'>;

/**
 * How who waits wants the result: as it is, or as an integration of AWS Step Functions wraps it. `started`, `sync` and
 * `sync2` are the three of `states:startExecution`; `sns` and `sqs` tell of a message that was sent.
 */
export type ResultShape = 'plain' | 'lambda' | 'started' | 'sync' | 'sync2' | 'sns' | 'sqs' | 'message';

/** Where a value is that is too large for a row. */
export interface ValueRef {
  readonly key: string;
  readonly bytes: number;
}

/** Devices, and the hardware's encodings at the same time. */
export interface DeviceNeeds {
  readonly gpus?: number | undefined;
  /** Of each of its GPUs; without it they are its alone. */
  readonly gpuMemoryMb?: number | undefined;
  readonly encoderSessions?: number | undefined;
}

/** What it would rather have, for as long as it is worth the wait. */
export interface Preference extends DeviceNeeds {
  /** In addition to the labels that it needs in any case. */
  readonly labels: readonly string[];
  readonly afterSeconds: number;
}

/** What most tasks do not ask for. */
export interface Needs extends DeviceNeeds {
  readonly prefer?: Preference | undefined;
  /** Of the executor's disk, for it alone; without it, a share as all have. */
  readonly diskMb?: number | undefined;
  /** It starts only while fewer tasks of its function run. */
  readonly maxConcurrency?: number | undefined;
}

/** What a task must find free, and the labels its executor must have. */
export interface Requirements {
  readonly labels: readonly string[];
  readonly memoryMb: number;
  readonly vcpu: number;
  readonly needs?: Needs | undefined;
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
  readonly waiter?: Waiter | undefined;
  readonly stateName?: string | undefined;
  readonly resource: string;
  readonly functionVersionId?: string | undefined;
  readonly payload: unknown;
  /** Of a payload that is not in the row. */
  readonly payloadRef?: ValueRef | undefined;
  /** Where below its execution the payload is stored: then not in the task's row, too. */
  readonly payloadPlace?: number | undefined;
  readonly resultShape?: ResultShape;
  readonly timeoutSeconds: number;
  /** SHA-256 in hex of the token that answers for the task, also after it was handed out. */
  readonly tokenHash?: string | undefined;
  readonly heartbeatSeconds?: number | undefined;
  readonly maxAttempts?: number;
  /** Of its first input, as executors name those that they have. */
  readonly inputKey?: string | undefined;
  /** Nobody waits for it: what is to become of it is kept elsewhere. */
  readonly asynchronous?: boolean;
  /** It runs, whatever is known of its result. */
  readonly skipCache?: boolean | undefined;
  /** JSON, from the caller to the function's context. */
  readonly clientContext?: string | undefined;
  /** It is given out as it is made: to this executor, which has room for it and waits. */
  readonly lease?: { readonly executorId: string; readonly seconds: number } | undefined;
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
  /** Of a payload and an output that are not in the row: there, they are null and undefined. */
  readonly payloadRef: ValueRef | undefined;
  readonly outputRef: ValueRef | undefined;
  readonly resultShape: ResultShape;
  readonly status: TaskStatus;
  /** It has got what it would rather have. */
  readonly isPreferred: boolean;
  readonly timeoutSeconds: number;
  readonly executorId: string | undefined;
  readonly tokenHash: string | undefined;
  readonly heartbeatSeconds: number | undefined;
  readonly skipCache: boolean;
  readonly clientContext?: string | undefined;
  /** Who works on an activity's task, by its own account. */
  readonly workerName: string | undefined;
  readonly progress: unknown;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly report: unknown;
  readonly asynchronous: boolean;
  /** How it came to its executor, if not through the queue. */
  readonly lane: 'fast' | undefined;
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
  /** Of each GPU what is free of its memory, and whether nobody has a part of it. */
  readonly gpus?: readonly { readonly memoryMb: number; readonly isWhole: boolean }[] | undefined;
  /** Undefined: nothing limits them. */
  readonly encoderSessions?: number | undefined;
  /** Undefined: none for tasks that ask for some. */
  readonly diskMb?: number | undefined;
  /** What a task takes of it that does not ask. */
  readonly diskShareMb?: number | undefined;
  /** Versions whose code the executor has. */
  readonly cached?: readonly string[] | undefined;
  /** Versions that another executor, which waits too, has ready: they are left to it for a moment. */
  readonly leftToOthers?: readonly string[] | undefined;
  /** Nothing else: instances of it have room, so that its tasks need none. */
  readonly only?: { readonly versionId: string; readonly namespace: string } | undefined;
  /** Inputs whose bytes the executor has: their tasks count as if they had waited a little longer. */
  readonly inputs?: readonly string[] | undefined;
  /** As `leftToOthers`: inputs whose bytes another one has. */
  readonly inputsOfOthers?: readonly string[] | undefined;
  /** Nothing but this task, or what comes before it in its lane. */
  readonly onlyTask?: string | undefined;
  readonly executorId?: string;
  readonly leaseSeconds: number;
}

/** What a task takes of a disk. */
export const diskOf = ({ needs }: Pick<Task, 'needs'>, { diskShareMb = 0 }: Pick<Claim, 'diskShareMb'>): number =>
  needs?.diskMb ?? diskShareMb;

/** The devices that a task was given, or is to be given, by a claim. */
export const devicesOf = ({ needs, isPreferred }: Pick<Task, 'needs' | 'isPreferred'>): DeviceNeeds | undefined =>
  isPreferred ? needs?.prefer : needs;

export interface Ending {
  readonly status: EndStatus;
  readonly output?: unknown;
  /** Of an output that does not go into the row. */
  readonly outputRef?: ValueRef | undefined;
  /** As `payloadPlace`. */
  readonly outputPlace?: number | undefined;
  readonly error?: string;
  readonly cause?: string;
  readonly report?: unknown;
}

/**
 * A task that was made with a lease, as its executor holds it. Field by field: an object of so many fields that is put
 * together from others becomes a dictionary, which takes thirty times the memory.
 */
export function leasedTask(task: NewTask): Task {
  const now = new Date();
  return {
    id: task.id,
    attempt: 1,
    namespace: task.namespace,
    kind: task.kind,
    waiter: task.waiter,
    stateName: task.stateName,
    resource: task.resource,
    functionVersionId: task.functionVersionId,
    payload: task.payload,
    payloadRef: task.payloadRef,
    outputRef: undefined,
    resultShape: task.resultShape ?? 'plain',
    labels: task.labels,
    memoryMb: task.memoryMb,
    vcpu: task.vcpu,
    needs: task.needs,
    isPreferred: false,
    status: 'RUNNING',
    timeoutSeconds: task.timeoutSeconds,
    executorId: task.lease?.executorId,
    tokenHash: task.tokenHash,
    heartbeatSeconds: task.heartbeatSeconds,
    skipCache: task.skipCache ?? false,
    clientContext: task.clientContext,
    workerName: undefined,
    progress: undefined,
    output: undefined,
    error: undefined,
    cause: undefined,
    report: undefined,
    asynchronous: task.asynchronous ?? false,
    lane: undefined,
    createdAt: now,
    startedAt: now,
    endedAt: undefined,
  };
}
