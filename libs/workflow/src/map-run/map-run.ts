import type { Json, JsonObject } from '../model.js';

/** One thing to work on: an item of the state's input, a row, a line, an object of a bucket. */
export interface MapRunItem {
  readonly index: number;
  readonly value: Json;
  /** Its name, when the items are the members of a JSON object. */
  readonly key?: string;
  /** Where it was read, such as `S3://bucket/key`; items of the state's input come from `STATE_DATA`. */
  readonly source?: string;
}

/** All that a distributed Map asks for, evaluated: nothing in it refers to the definition or the input any more. */
export interface MapRunSpec {
  /** Items from the state's input; without them `reader` says where to read them. */
  readonly items?: readonly Json[];
  /** The names of `items`, when they are the members of an object. */
  readonly keys?: readonly string[];
  readonly reader?: { readonly resource: string; readonly parameters: JsonObject; readonly config: ReaderConfig };
  readonly batcher?: BatcherSpec;
  /** 0: as many at once as the machine allows. */
  readonly maxConcurrency: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
  /** Without a `resource` the results go into the state's output, in the form that `config` asks for. */
  readonly writer?: { readonly resource?: string; readonly parameters?: JsonObject; readonly config: WriterConfig };
  readonly executionType: 'STANDARD' | 'EXPRESS';
  readonly label?: string;
}

export type InputType = 'JSON' | 'JSONL' | 'CSV' | 'MANIFEST';
export type CsvDelimiter = 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';

export interface ReaderConfig {
  readonly inputType?: InputType;
  readonly csvHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
  readonly csvHeaders?: readonly string[];
  readonly csvDelimiter?: CsvDelimiter;
  /** At most so many items are read. */
  readonly maxItems?: number;
  /** JSON Pointer of the array or object of items in a JSON file. */
  readonly itemsPointer?: string;
  readonly manifestType?: 'S3_INVENTORY' | 'ATHENA_DATA';
  /** LOAD_AND_FLATTEN: the objects of a listing are read, too, and their items are the items. */
  readonly transformation?: 'NONE' | 'LOAD_AND_FLATTEN';
}

/** One of the two limits is there. */
export interface BatcherSpec {
  readonly maxItemsPerBatch?: number;
  readonly maxInputBytesPerBatch?: number;
  /** What each batch gets beside its items. */
  readonly batchInput?: Json;
}

export interface WriterConfig {
  readonly outputType: 'JSON' | 'JSONL';
  readonly transformation: 'NONE' | 'COMPACT' | 'FLATTEN';
}
