import type { Json } from '@app/workflow';

/**
 * Where a value of an execution is stored, for `stored_value` in the database: `last_id * 1000 + n` is the value `n` of a
 * row of its history. Each value is stored there once; the other rows that have it (the execution itself, frames, tasks)
 * only say where.
 *
 * A row of the history has at most 100 events with a few values each.
 */
const PLACES_PER_ROW = 1_000;

export const placeInHistory = (lastId: number, n: number): number => lastId * PLACES_PER_ROW + n;

/** And not only the position in a row: the events of a row count from 1. */
export const isPlace = (at: number): boolean => at >= PLACES_PER_ROW;

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

  constructor(private readonly executionId: string) {}

  put(value: Json, place: number): void {
    if (!this.here.has(value)) this.here.set(value, place);
  }

  of(value: Json | undefined): number | undefined {
    if (value === undefined) return undefined;
    return this.here.get(value) ?? this.before(value);
  }

  /** Where it was stored by an earlier turn. */
  before(value: Json): number | undefined {
    const before = typeof value === 'object' && value !== null ? known.get(value) : undefined;
    return before?.executionId === this.executionId ? before.place : undefined;
  }

  /** Once the turn is committed. */
  note(): void {
    for (const [value, place] of this.here) notePlace(this.executionId, value, place);
  }
}
