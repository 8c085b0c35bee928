import type { CsvDelimiter, InputType, WriterConfig } from './map-run/map-run.js';
import type { Json, JsonObject } from './model.js';

export type QueryLanguageName = 'JSONPath' | 'JSONata';

/** Amazon States Language as deployed, for definitions that `validate` found no problem in. */
export interface StateMachine {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: { readonly [name: string]: State };
  readonly TimeoutSeconds?: number;
  readonly Version?: string;
  readonly QueryLanguage?: QueryLanguageName;
}

/** A machine inside a state: a branch or an item processor. */
export type SubMachine = Pick<StateMachine, 'Comment' | 'StartAt' | 'States'>;

export type StateType = 'Task' | 'Pass' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map';

interface Described {
  readonly Comment?: string;
  readonly QueryLanguage?: QueryLanguageName;
}
/** Variables to set, by their names. */
interface Assigning {
  readonly Assign?: JsonObject;
}
/** `null` gives an empty object. `Output` is JSONata's, the paths are JSONPath's. */
interface Piped extends Described {
  readonly Output?: Json;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
}
interface Transitional {
  readonly Next?: string;
  readonly End?: boolean;
}
export interface Retrier {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}
export interface Catcher {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
  readonly Output?: Json;
  readonly Assign?: JsonObject;
}
/** A state that has work done for it, and places the result. */
interface Working extends Piped, Assigning, Transitional {
  readonly Arguments?: Json;
  readonly Parameters?: Json;
  readonly ResultSelector?: JsonObject;
  readonly ResultPath?: string | null;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface TaskState extends Working {
  readonly Type: 'Task';
  readonly Resource: string;
  /** Numbers may be JSONata expressions, here and below. */
  readonly TimeoutSeconds?: number | string;
  readonly TimeoutSecondsPath?: string;
  readonly HeartbeatSeconds?: number | string;
  readonly HeartbeatSecondsPath?: string;
  /** Kept for definitions that come from AWS; it has no meaning here. */
  readonly Credentials?: Json;
}
export interface PassState extends Piped, Assigning, Transitional {
  readonly Type: 'Pass';
  readonly Parameters?: Json;
  readonly Result?: Json;
  readonly ResultPath?: string | null;
}
export interface WaitState extends Piped, Assigning, Transitional {
  readonly Type: 'Wait';
  readonly Seconds?: number | string;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
}
/** What it assigns counts when no rule matches; a rule has its own. */
export interface ChoiceState extends Piped, Assigning {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}
export interface SucceedState extends Piped {
  readonly Type: 'Succeed';
}
export interface FailState extends Described {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
}
export interface ParallelState extends Working {
  readonly Type: 'Parallel';
  readonly Branches: readonly SubMachine[];
}
export interface ItemProcessor extends SubMachine {
  readonly ProcessorConfig?: {
    readonly Mode?: 'INLINE' | 'DISTRIBUTED';
    readonly ExecutionType?: 'STANDARD' | 'EXPRESS';
  };
}
/** Of a distributed Map. `Parameters` in JSONPath, `Arguments` in JSONata; there numbers may be expressions. */
export interface ItemReader {
  readonly Resource: string;
  readonly Parameters?: Json;
  readonly Arguments?: Json;
  readonly ReaderConfig?: {
    readonly InputType?: InputType;
    readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
    readonly CSVHeaders?: readonly string[];
    readonly CSVDelimiter?: CsvDelimiter;
    readonly MaxItems?: number | string;
    readonly MaxItemsPath?: string;
    readonly ItemsPointer?: string;
    readonly ManifestType?: 'S3_INVENTORY' | 'ATHENA_DATA';
    readonly Transformation?: 'NONE' | 'LOAD_AND_FLATTEN';
  };
}
export interface ItemBatcher {
  readonly BatchInput?: Json;
  readonly MaxItemsPerBatch?: number | string;
  readonly MaxItemsPerBatchPath?: string;
  readonly MaxInputBytesPerBatch?: number | string;
  readonly MaxInputBytesPerBatchPath?: string;
}
export interface ResultWriter {
  readonly Resource?: string;
  readonly Parameters?: Json;
  readonly Arguments?: Json;
  readonly WriterConfig?: Partial<{
    readonly OutputType: WriterConfig['outputType'];
    readonly Transformation: WriterConfig['transformation'];
  }>;
}
export interface MapState extends Working {
  readonly Type: 'Map';
  readonly Items?: Json;
  readonly ItemsPath?: string;
  readonly ItemSelector?: Json;
  readonly ItemProcessor?: ItemProcessor;
  /** ItemProcessor's older name. */
  readonly Iterator?: ItemProcessor;
  readonly MaxConcurrency?: number | string;
  readonly MaxConcurrencyPath?: string;
  readonly Label?: string;
  readonly ItemReader?: ItemReader;
  readonly ItemBatcher?: ItemBatcher;
  readonly ResultWriter?: ResultWriter;
  readonly ToleratedFailureCount?: number | string;
  readonly ToleratedFailureCountPath?: string;
  readonly ToleratedFailurePercentage?: number | string;
  readonly ToleratedFailurePercentagePath?: string;
}
export type State =
  | TaskState
  | PassState
  | WaitState
  | ChoiceState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;
export type WorkingState = TaskState | ParallelState | MapState;

/** A comparison's operator is one more key beside `Variable`, so the rest is looked up by name. */
export interface ChoiceRule extends Comparison {
  readonly Next: string;
  readonly Assign?: JsonObject;
  /** JSONata's. */
  readonly Condition?: string | boolean;
  readonly Output?: Json;
}
export interface Comparison {
  readonly Comment?: string;
  readonly Variable?: string;
  readonly And?: readonly Comparison[];
  readonly Or?: readonly Comparison[];
  readonly Not?: Comparison;
  readonly [operator: string]: unknown;
}
