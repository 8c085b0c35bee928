import type { Json } from '@app/workflow';
import { refOf } from '../payloads/payload-marks.js';

/**
 * Where a value of an execution is stored, for `stored_value` in the database: 0 is the execution's input, 1 its output,
 * and `last_id * 1000 + n` the value `n` of a row of its history. Each value is stored once below an execution; the other
 * rows that have it (frames, tasks) only say where.
 */
export const INPUT_PLACE = 0;
export const OUTPUT_PLACE = 1;
/** A row of the history has at most 100 events with a few values each. */
const PLACES_PER_ROW = 1_000;

export const placeInHistory = (lastId: number, n: number): number => lastId * PLACES_PER_ROW + n;

/** Shorter ones, as JSON, cost less where they are. */
const WORTH_A_PLACE = 200;

export const isWorthAPlace = (text: string): boolean => text.length >= WORTH_A_PLACE;

interface Known {
  readonly executionId: string;
  readonly place: number;
}

/** By identity, which is enough: the interpreter never changes a value, and passes on what it does not make anew. */
const known = new WeakMap<object, Known>();

/** The value is stored there, and committed. */
export function notePlace(executionId: string, value: Json, place: number): void {
  if (typeof value === 'object' && value !== null) known.set(value, { executionId, place });
}

/** The places that rows of one turn may refer to: what the turn itself stores, and what was stored before. */
export class Places {
  private readonly here = new Map<Json, number>();

  constructor(
    private readonly executionId: string,
    private readonly namespace: string,
  ) {}

  /** Of the execution itself. */
  putOwn(value: Json, place: number): void {
    // What is in the object store is neither in the row, nor repeated anywhere.
    if (!refOf(value, this.namespace) && isWorthAPlace(JSON.stringify(value))) this.put(value, place);
  }

  put(value: Json, place: number): void {
    if (!this.here.has(value)) this.here.set(value, place);
  }

  of(value: Json | undefined): number | undefined {
    if (value === undefined) return undefined;
    const here = this.here.get(value);
    if (here !== undefined || typeof value !== 'object' || value === null) return here;
    const before = known.get(value);
    return before?.executionId === this.executionId ? before.place : undefined;
  }

  /** Once the turn is committed. */
  note(): void {
    for (const [value, place] of this.here) notePlace(this.executionId, value, place);
  }
}
