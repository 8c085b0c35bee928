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
