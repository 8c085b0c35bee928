import type { MapRunItem, MapRunSpec } from './map-run/map-run.js';

/** A JSON value. The interpreter never changes one that it was given. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A user's failure: data that goes through Retry and Catch, never an exception of ours. */
export interface Failure {
  readonly error: string;
  readonly cause: string;
}

export type FrameStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';

/** `$$.Map.Item`. */
export type MapItem = MapRunItem;

/** What a running frame is blocked on. Anything else that happens to it is stale. */
export type Waiting = 'task' | 'wait' | 'retry' | 'yield' | 'children' | 'collection' | 'mapRun';

/** One line of control: the root, a branch of a Parallel state or an iteration of a Map state. */
export interface Frame {
  /** JSON Pointer of its (sub)machine in the definition: '' or '/States/P/Branches/0' or '/States/M/ItemProcessor'. */
  readonly machine: string;
  readonly stateName: string;
  /** Raised with each thing asked for, so that a late or repeated answer to an old one can be told apart. */
  readonly step: number;
  /** The raw input of the current state. */
  readonly input: Json;
  readonly status: FrameStatus;
  /** Retries used in the current state, by the retrier's position. */
  readonly retries: Readonly<Record<string, number>>;
  readonly enteredAt: string;
  readonly waiting?: Waiting;
  readonly map?: MapItem;
  /** The variables that are visible here: this machine's own, and those of the machines around it. */
  readonly variables?: JsonObject;
  /** Their size as JSON, roughly. */
  readonly variableBytes?: number;
  /** The history's number of the event by which the state was entered, if the history is numbered. */
  readonly enteredEvent?: number;
  /** The number of the event that the next one of this line follows. */
  readonly lastEvent?: number;
  /** `$$.Task.Token` of the task that is waited for, if it is answered by token. */
  readonly token?: string;
  readonly children?: Children;
  /** Of an inline Map whose children are made bit by bit: its items, where they cannot be selected again. */
  readonly items?: readonly Json[];
  readonly output?: Json;
  readonly failure?: Failure;
}

export interface Children {
  readonly total: number;
  readonly started: number;
  readonly finished: number;
  /** So many of them have been asked for until now; all, if not said. */
  readonly made?: number;
  /** May run at once; any number, if not said. */
  readonly most?: number;
}

/** All that is not in the definition or the frame. Nothing else is impure. */
export interface Surroundings {
  readonly execution: {
    readonly id: string;
    readonly name: string;
    readonly input: Json;
    readonly startTime: string;
    readonly roleArn?: string;
    readonly redriveCount?: number;
    readonly redriveTime?: string;
  };
  readonly stateMachine: { readonly id: string; readonly name: string };
  /** The machine that the execution begins with, if not the whole definition: a map run's child runs its ItemProcessor. */
  readonly root?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What a state may be given and may pass on; AWS's 256 KiB if not said. */
  readonly maxDataBytes?: number;
  /** Of an inline Map, so many children are made at once; 1,000 if not said. */
  readonly maxChildrenAtOnce?: number;
  /** The number of the next event in the history: failures name the event by which their state was entered. */
  readonly nextEvent?: number | undefined;
  /** What runs below the frame, to be told of if that ends now. */
  readonly running?: readonly RunningLine[];
  /** From 0 up to, but not, 1. */
  random(): number;
  uuid(): string;
}

/** `children`: a Map has more children to begin than could be made at once. */
export type TimerKind = 'wait' | 'retry' | 'timeout' | 'heartbeat' | 'yield' | 'children';

/** A branch or an iteration that has begun and has not ended. */
export interface RunningLine {
  readonly index: number;
  readonly stateName: string;
  /** Undefined between two states. */
  readonly stateType: string | undefined;
  /** That state is a Map whose items are executions of their own. */
  readonly isMapRun?: boolean;
  readonly below: readonly RunningLine[];
}

/** What happened to a frame. `step` says which command it answers. */
export type Happened =
  /** `after`: the event that this line of the history begins at. */
  | { readonly type: 'Started'; readonly input: Json; readonly after?: number | undefined }
  /** History only; `details` are added to the event. */
  | { readonly type: 'TaskStarted'; readonly step: number; readonly details?: JsonObject }
  | { readonly type: 'TaskSucceeded'; readonly step: number; readonly output: Json }
  /** History only: it was handed out, and who has its token, or what it started, ends it. */
  | { readonly type: 'TaskSubmitted'; readonly step: number; readonly output: Json }
  /** `before`: it did not come so far. */
  | {
      readonly type: 'TaskFailed';
      readonly step: number;
      readonly failure: Failure;
      readonly before?: 'schedule' | 'submit';
    }
  | { readonly type: 'TimerFired'; readonly step: number; readonly kind: TimerKind }
  /** `lastEvent`: where the child's line of the history ends. */
  | {
      readonly type: 'ChildSucceeded';
      readonly step: number;
      readonly index: number;
      readonly lastEvent?: number | undefined;
    }
  | {
      readonly type: 'ChildFailed';
      readonly step: number;
      readonly index: number;
      readonly failure: Failure;
      readonly lastEvent?: number | undefined;
      /** The type of the state that failed. */
      readonly stateType?: string | undefined;
    }
  /** `isTooLarge`: they are not given, as they are more than a value may be. */
  | {
      readonly type: 'ChildrenCollected';
      readonly step: number;
      readonly outputs: readonly Json[];
      readonly isTooLarge?: true;
    }
  /** History only; `details` are added to the event. */
  | { readonly type: 'MapRunStarted'; readonly step: number; readonly details?: JsonObject }
  | { readonly type: 'MapRunSucceeded'; readonly step: number; readonly output: Json }
  | { readonly type: 'MapRunFailed'; readonly step: number; readonly failure: Failure }
  | { readonly type: 'Stopped'; readonly failure: Failure; readonly status: 'ABORTED' | 'TIMED_OUT' };

export interface Child {
  readonly index: number;
  readonly machine: string;
  readonly input: Json;
  /** Goes into the child's frame as it is (a branch inside an iteration still sees the iteration's item). */
  readonly map?: MapItem;
  /** The same for the variables that the child's machine mentions. */
  readonly variables?: JsonObject;
}

/** What must be done next. Commands are written in the transaction that saves the frame. */
export type Command =
  /** With a timeout or heartbeat comes also a `StartTimer` of that kind and the same step; a heartbeat moves its timer. */
  | {
      readonly type: 'RunTask';
      readonly step: number;
      readonly stateName: string;
      readonly resource: string;
      readonly input: Json;
      readonly timeoutSeconds?: number;
      readonly heartbeatSeconds?: number;
      /** Who knows it may answer instead of the one that the task is given to: the resource ends in `.waitForTaskToken`. */
      readonly token?: string;
    }
  | { readonly type: 'StartTimer'; readonly step: number; readonly kind: TimerKind; readonly at: number }
  | { readonly type: 'CancelTask'; readonly step: number }
  /** The first `start` of the children begin now; the others wait for their `StartChild`. Of a Map more may follow. */
  | {
      readonly type: 'StartChildren';
      readonly step: number;
      readonly children: readonly Child[];
      readonly start: number;
      /** Of those that begin now: the events that their lines begin at. */
      readonly after?: readonly number[];
    }
  | { readonly type: 'StartChild'; readonly step: number; readonly index: number; readonly after?: number | undefined }
  /** All have succeeded: come back with `ChildrenCollected`, the outputs in the order of their index. */
  | { readonly type: 'CollectChildren'; readonly step: number }
  /** What is left of a failed or stopped Parallel or Map state: frames, tasks and timers. */
  | { readonly type: 'StopChildren'; readonly step: number }
  /** A distributed Map: each item, or batch of items, is an execution of its own. Answered by `MapRunSucceeded` or `MapRunFailed`. */
  | { readonly type: 'StartMapRun'; readonly step: number; readonly stateName: string; readonly run: MapRunSpec }
  | { readonly type: 'StopMapRun'; readonly step: number };

/** A line of the history, with AWS's event types. */
export interface HistoryEvent {
  readonly type: string;
  readonly details: JsonObject;
  /** The number of the event that it follows on its line, if the history is numbered. */
  readonly previous?: number;
}

export interface Transition {
  readonly frame: Frame;
  readonly commands: readonly Command[];
  readonly history: readonly HistoryEvent[];
}
