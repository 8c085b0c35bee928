/** What the gateway's HTTP API answers, as far as the console reads it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const executionStatuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

/** What stands in for a value of more than 256 KiB. */
export interface LargeValue {
  readonly truncated: true;
  readonly bytes: number;
  readonly href: string;
}

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
  readonly type: string;
  readonly at: string;
  readonly frameId: number;
  readonly details: { readonly [key: string]: Json };
}

export type InvocationStatus = 'QUEUED' | 'RUNNING' | 'PUBLISHING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED';

export interface Invocation {
  readonly id: string;
  readonly function: string;
  readonly version?: number | null;
  readonly executionId?: string | null;
  readonly stateName?: string | null;
  readonly frameId?: number | null;
  readonly status: InvocationStatus;
  readonly attempt: number;
  readonly lane?: 'fast' | 'queue';
  readonly input?: Json;
  readonly output?: Json;
  readonly error?: string | null;
  readonly cause?: string | null;
  readonly progress?: {
    readonly percent?: number;
    readonly message?: string;
    readonly speed?: number;
    readonly etaSeconds?: number;
  } | null;
  readonly executor?: string | null;
  readonly waiting?: { readonly ahead: number; readonly reasons: readonly { readonly message: string }[] };
  readonly cachedFrom?: {
    readonly invocation: string;
    readonly execution?: string;
    readonly savedCpuMs: number;
  } | null;
  readonly createdAt: string;
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
}

export interface LogLine {
  readonly id: string;
  readonly at: string;
  readonly attempt: number;
  readonly stream: string;
  readonly line: string;
}

export interface ObjectUrl {
  readonly url: string;
  readonly size?: number;
  readonly contentType?: string;
  readonly expiresAt?: string;
}

/** One state of a definition in the Amazon States Language, as far as a drawing needs it. */
export interface StateDefinition {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly ({ readonly Next?: string } & { readonly [key: string]: unknown })[];
  readonly Catch?: readonly { readonly ErrorEquals?: readonly string[]; readonly Next?: string }[];
  readonly Branches?: readonly MachineDefinition[];
  readonly Iterator?: MachineDefinition;
  readonly ItemProcessor?: MachineDefinition;
}

export interface MachineDefinition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: { readonly [name: string]: StateDefinition };
}

export interface Workflow {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly definition: MachineDefinition;
  readonly createdAt: string;
}

export interface Alias {
  readonly name: string;
  readonly routes: readonly { readonly version: number; readonly weight: number }[];
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

export interface DeployedFunction {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly vcpu: number;
  readonly labels?: readonly string[];
  readonly description?: string;
  readonly eventSchema?: Json;
  readonly resultSchema?: Json;
}

export interface CallDestination {
  readonly topic?: string;
  readonly function?: string;
  readonly workflow?: string;
}

/** Of asynchronous invocations of a function. */
export interface EventInvokeConfig {
  readonly maximumRetryAttempts: number;
  readonly retryIntervalSeconds: number;
  readonly maximumEventAgeSeconds: number;
  readonly deduplicationSeconds: number;
  readonly onSuccess?: CallDestination;
  readonly onFailure?: CallDestination;
}

export interface Trigger {
  readonly name: string;
  readonly kind: string;
  readonly source: { readonly [key: string]: Json };
  readonly target: { readonly workflow?: string; readonly function?: string };
  readonly enabled: boolean;
}

/** What came in, and what it started. */
export interface StoredEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly data?: Json;
  readonly receivedAt: string;
  readonly started: readonly {
    readonly trigger: string;
    readonly targetKind: 'workflow' | 'function';
    readonly targetId: string;
  }[];
}

export interface Executor {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly capacity: {
    readonly slots: number;
    readonly vcpu: number;
    readonly memoryMb: number;
    readonly diskMb?: number;
    readonly encoderSessions?: number;
    readonly gpus?: readonly { readonly memoryMb: number; readonly isWhole: boolean }[];
  };
  readonly state: 'active' | 'draining' | 'left';
  readonly abilities: {
    readonly gpus?: readonly { readonly uuid: string; readonly model: string; readonly isSimulated?: boolean }[];
    readonly encoders?: readonly string[];
    readonly decoders?: readonly string[];
  };
  readonly inputCache?: { readonly bytes: number; readonly budgetBytes: number; readonly objects: number };
  /** A task that has waited long. */
  readonly reservedFor?: string;
  readonly version: string;
  /** Tasks it holds. */
  readonly running: number;
  readonly free?: Executor['capacity'];
  readonly instanceCounts: {
    readonly starting: number;
    readonly busy: number;
    readonly idle: number;
    readonly template: number;
  };
  readonly seenAt: string;
}

/** With what it does for this namespace. */
export interface ExecutorDetails extends Executor {
  readonly tasks: readonly {
    readonly id: string;
    readonly attempt: number;
    readonly function: string;
    readonly executionId?: string;
    readonly progress?: { readonly percent?: number; readonly message?: string };
    readonly startedAt: string;
  }[];
}

/** Without a limit there is as much as there is room for. */
export interface Quota {
  readonly maxRunning?: number;
  readonly maxQueued?: number;
  readonly running: number;
  readonly queued: number;
}

/** A process that serves a function. */
export interface FunctionInstance {
  readonly id: string;
  readonly function: string;
  readonly version: number;
  readonly executor: string;
  readonly state: 'starting' | 'busy' | 'idle';
  readonly ageMs: number;
  readonly requests: number;
  readonly memoryMb: number;
  readonly memoryBytes?: number;
  readonly cpuMs?: number;
  readonly lastError?: string;
}

/** What could not be handled. */
export interface DeadLetter {
  readonly id: string;
  readonly kind: string;
  readonly payload: Json;
  /** Of a payload that is left out, because it is large. */
  readonly payloadDetails?: LargeValue;
  readonly error: string;
  readonly cause: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly redrivenAt: string | null;
}

export interface UsageFigures {
  readonly invocations: number;
  readonly failures: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly gpuSeconds: number;
  readonly memoryGbSecondsReserved: number;
  readonly memoryGbSecondsUsed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly eventBytes: number;
  readonly resultBytes: number;
}

export interface Usage {
  readonly items: readonly (UsageFigures & { readonly day: string; readonly function: string })[];
  readonly total: UsageFigures;
  readonly upTo?: string;
}

/** How far a topic trigger has read. */
export interface TriggerPlace {
  readonly lag: number;
  readonly waiting: number;
  readonly running: number;
  readonly resetTo?: Json;
}

/** Of the objects of a bucket that triggers wait for. */
export interface BucketLedger {
  readonly bucket: string;
  readonly seen: number;
  readonly acted: number;
  readonly pending: number;
  readonly settling: number;
  readonly healed: number;
  readonly lagP50Seconds: number | null;
  readonly lagP99Seconds: number | null;
  readonly sweep?: { readonly finishedAt: string | null; readonly error: string | null };
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | null;
}
