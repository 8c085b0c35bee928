import { AslFailure } from '../failure.js';
import { MAX_DATA_BYTES, measure } from '../limits.js';
import type { Json, JsonObject } from '../model.js';
import type { BatcherSpec } from './map-run.js';

/** What one child execution gets, and how many items that stands for. */
export interface Batch {
  readonly input: Json;
  readonly size: number;
}

/**
 * Groups the inputs of the items: `{ "BatchInput": …, "Items": [ … ] }`. A batch is full when it has so many items, or
 * when the next one would make it larger than it may be, whichever comes first. Fed one by one, so that a data set
 * that does not fit into memory can be batched.
 */
export class Batching {
  private items: Json[] = [];
  private bytes: number;
  private readonly emptyBytes: number;
  private readonly maxItems: number;
  private readonly maxBytes: number;

  /** With a limit of its own a batch keeps it; AWS's is one that a single item may pass, as far as data may go. */
  private readonly maxItemBytes: number;

  constructor(
    private readonly spec: BatcherSpec,
    maxDataBytes = MAX_DATA_BYTES,
  ) {
    this.maxItems = spec.maxItemsPerBatch ?? Infinity;
    this.maxBytes = Math.min(spec.maxInputBytesPerBatch ?? MAX_DATA_BYTES, MAX_DATA_BYTES);
    this.maxItemBytes = spec.maxInputBytesPerBatch === undefined ? maxDataBytes : this.maxBytes;
    this.emptyBytes = measure(this.inputOf([]), MAX_DATA_BYTES).bytes;
    this.bytes = this.emptyBytes;
  }

  /** The batches that are complete now: none, or the one that had no place for this input, or that it filled. */
  add(input: Json): Batch[] {
    const size = measure(input, this.maxItemBytes).bytes;
    if (this.emptyBytes + size > this.maxItemBytes) throw tooLarge(this.maxItemBytes);
    const comma = this.items.length === 0 ? 0 : 1;
    const full = this.bytes + comma + size > this.maxBytes ? this.end() : [];
    this.bytes += size + (this.items.length === 0 ? 0 : 1);
    this.items.push(input);
    return this.items.length >= this.maxItems ? [...full, ...this.end()] : full;
  }

  /** The last one, if it has any items. */
  end(): Batch[] {
    const { items } = this;
    this.items = [];
    this.bytes = this.emptyBytes;
    return items.length === 0 ? [] : [{ input: this.inputOf(items), size: items.length }];
  }

  private inputOf(items: Json[]): JsonObject {
    const { batchInput } = this.spec;
    return batchInput === undefined ? { Items: items } : { BatchInput: batchInput, Items: items };
  }
}

/** The inputs of the child executions; without a batcher each item has one of its own. */
export function batchItems(inputs: readonly Json[], batcher: BatcherSpec | undefined): Batch[] {
  if (!batcher) return inputs.map((input) => ({ input, size: 1 }));
  const batching = new Batching(batcher);
  return [...inputs.flatMap((input) => batching.add(input)), ...batching.end()];
}

const tooLarge = (maxBytes: number): AslFailure =>
  new AslFailure(
    'States.DataLimitExceeded',
    `One item alone is larger than the ${maxBytes} bytes that a batch may have.`,
  );
