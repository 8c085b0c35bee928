import type { ValueRef } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import { refOf } from '../payloads/payload-marks.js';
import type { StoredHistoryEvent } from './history.repository.js';

/**
 * Events of consecutive ids as they are stored, in one row:
 *
 *   { values: [{"a":1}], events: [[frame, type, ms, { name: 'A' }, { output: 0 }], …] }
 *
 * What goes from state to state unchanged is the same value in one event after the other; it stands in `values` once.
 * A large value stands in the object store: null stands for it, and `refs` says where it is.
 */
export interface HistoryRecord {
  readonly values: readonly Json[];
  readonly events: readonly [number, string, number, JsonObject, Readonly<Record<string, number>>][];
  /** By the position in `values`. */
  readonly refs?: Readonly<Record<number, ValueRef>>;
}

/** Shorter ones cost less where they are than a reference does. */
const SHARED_TEXT_LENGTH = 24;
/** A page of the history reads few rows, and a row is never large for the number of its events. */
export const EVENTS_PER_ROW = 100;

export interface HistoryRow {
  readonly lastId: number;
  readonly record: HistoryRecord;
}

export function toHistoryRows(events: readonly StoredHistoryEvent[], namespace: string): HistoryRow[] {
  const rows: HistoryRow[] = [];
  for (let from = 0; from < events.length; from += EVENTS_PER_ROW) {
    const page = events.slice(from, from + EVENTS_PER_ROW);
    rows.push({ lastId: page.at(-1)?.id ?? 0, record: pack(page, namespace) });
  }
  return rows;
}

export function fromHistoryRow({ lastId, record: { values, events, refs = {} } }: HistoryRow): StoredHistoryEvent[] {
  const before = lastId - events.length;
  return events.map(([frameId, type, ms, details, references], n) => {
    const inRow = Object.entries(references).filter(([, at]) => !refs[at]);
    const shared = inRow.map(([name, at]) => [name, values[at] ?? null]);
    const elsewhere = Object.entries(references).flatMap(([name, at]) => (refs[at] ? [[name, refs[at]]] : []));
    return {
      id: before + 1 + n,
      frameId,
      type,
      at: new Date(ms),
      details: { ...details, ...Object.fromEntries(shared) },
      ...(elsewhere.length > 0 && { refs: Object.fromEntries(elsewhere) as Record<string, ValueRef> }),
    };
  });
}

function pack(events: readonly StoredHistoryEvent[], namespace: string): HistoryRecord {
  const positions = new Map<Json, number>();
  const packed = events.map(({ frameId, type, at, details }): HistoryRecord['events'][number] => {
    const own: JsonObject = {};
    const references: Record<string, number> = {};
    for (const [name, value] of Object.entries(details as JsonObject)) {
      if (!isShared(value)) own[name] = value;
      else references[name] = position(positions, value);
    }
    return [frameId, type, at.getTime(), own, references];
  });
  let refs: Record<number, ValueRef> | undefined;
  const values = [...positions.keys()].map((value, at) => {
    const ref = refOf(value, namespace);
    if (ref) refs = { ...refs, [at]: ref };
    return ref ? null : value;
  });
  return { values, events: packed, ...(refs && { refs }) };
}

/** Equality of objects is identity here: the interpreter passes on what it does not change. */
const isShared = (value: Json): boolean =>
  typeof value === 'string' ? value.length > SHARED_TEXT_LENGTH : typeof value === 'object' && value !== null;

function position(positions: Map<Json, number>, value: Json): number {
  const known = positions.get(value);
  if (known !== undefined) return known;
  positions.set(value, positions.size);
  return positions.size - 1;
}
