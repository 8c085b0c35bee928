import type { ValueRef } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import { refOf } from '../payloads/payload-marks.js';
import { EVENT_TYPES } from './event-types.js';
import type { StoredHistoryEvent } from './history.repository.js';
import { isPlace, isWorthAPlace, placeInHistory, type Places } from './places.js';

/**
 * Events of consecutive ids as they are stored, in one row:
 *
 *   { at: ms, values: [{"a":1}], events: [[frame, type, ms since at, { name: 'A' }, { output: 0 }], …], back: [1, 3, …] }
 *
 * `back` says how far before each event that is which it follows; without it, each follows the one before it.
 * What goes from state to state unchanged is the same value in one event after the other; it stands in `values` once,
 * and whatever other row has it refers to that (`places.ts`), also an event of a later turn. A type is its number in the list of all, if it has one.
 * A large value stands in the object store: null stands for it, and `refs` says where it is.
 */
export interface HistoryRecord {
  readonly at?: number;
  readonly values: readonly Json[];
  readonly events: readonly PackedEvent[];
  readonly back?: readonly number[];
  /** By the position in `values`. */
  readonly refs?: Readonly<Record<number, ValueRef>>;
}

type PackedEvent = readonly [number, string | number, number, JsonObject, Readonly<Record<string, number>>?];

/** Shorter ones cost less where they are than a reference does. */
const SHARED_TEXT_LENGTH = 64;
/** A page of the history reads few rows, and a row is never large for the number of its events. */
export const EVENTS_PER_ROW = 100;

export interface HistoryRow {
  readonly lastId: number;
  readonly record: HistoryRecord;
}

/** Whose history it is, and who learns where its values stand. */
export interface Home {
  readonly namespace: string;
  readonly places: Places;
}

/** As text, as each value is made into text once. */
export interface HistoryText {
  readonly lastId: number;
  readonly text: string;
}

export function toHistoryRows(events: readonly StoredHistoryEvent[], home: Home): HistoryText[] {
  const rows: HistoryText[] = [];
  for (let from = 0; from < events.length; from += EVENTS_PER_ROW) {
    const page = events.slice(from, from + EVENTS_PER_ROW);
    const lastId = page.at(-1)?.id ?? 0;
    rows.push({ lastId, text: pack(page, lastId, home) });
  }
  return rows;
}

/** Where values stand that a row's events refer to, but which are of other rows. */
export const placesElsewhere = ({ record: { events } }: HistoryRow): number[] =>
  events.flatMap(([, , , , references = {}]) => Object.values(references).filter(isPlace));

/** `elsewhere` has the values of `placesElsewhere`. */
export function fromHistoryRow(
  { lastId, record }: HistoryRow,
  elsewhere: ReadonlyMap<number, Json> = new Map(),
): StoredHistoryEvent[] {
  const { at: begin = 0, values, events, refs = {}, back } = record;
  const first = lastId - events.length + 1;
  return events.map(([frameId, type, ms, details, references = {}], n) => {
    const all = Object.entries(references);
    const here = all
      .filter(([, at]) => !refs[at])
      .map(([name, at]) => [name, (isPlace(at) ? elsewhere.get(at) : values[at]) ?? null]);
    const inStore = all.flatMap(([name, at]) => (refs[at] ? [[name, refs[at]]] : []));
    const id = first + n;
    return {
      id,
      previous: back ? id - (back[n] ?? 1) : usually(id),
      frameId,
      type: typeof type === 'number' ? (EVENT_TYPES[type] ?? '') : type,
      at: new Date(begin + ms),
      details: { ...details, ...Object.fromEntries(here) },
      ...(inStore.length > 0 && { refs: Object.fromEntries(inStore) as Record<string, ValueRef> }),
    };
  });
}

function pack(events: readonly StoredHistoryEvent[], lastId: number, home: Home): string {
  const values = new Values(lastId, home);
  const begin = events[0]?.at.getTime() ?? 0;
  const packed = events.map(({ frameId, type, at, details }): PackedEvent => {
    const inside: JsonObject = {};
    let references: Record<string, number> | undefined;
    for (const name of Object.keys(details as JsonObject)) {
      const value = (details as JsonObject)[name] as Json;
      if (isShared(value)) (references ??= {})[name] = values.position(value);
      else inside[name] = value;
    }
    const [code, ms] = [codeOf.get(type) ?? type, at.getTime() - begin];
    return references ? [frameId, code, ms, inside, references] : [frameId, code, ms, inside];
  });
  const isUsual = events.every(({ id, previous }) => previous === usually(id));
  const back = isUsual ? '' : `,"back":${JSON.stringify(events.map(({ id, previous }) => id - previous))}`;
  return `{"at":${begin},${values.text},"events":${JSON.stringify(packed)}${back}}`;
}

/** The event that one follows where nothing runs beside it: the first state follows nothing. */
const usually = (id: number): number => (id <= 2 ? 0 : id - 1);

/** The values of one row. */
class Values {
  private readonly positions = new Map<Json, number>();
  private readonly texts: string[] = [];
  private refs: Record<number, ValueRef> | undefined;

  constructor(
    private readonly lastId: number,
    private readonly home: Home,
  ) {}

  get text(): string {
    return `"values":[${this.texts.join(',')}]${this.refs ? `,"refs":${JSON.stringify(this.refs)}` : ''}`;
  }

  position(value: Json): number {
    return this.positions.get(value) ?? this.home.places.before(value) ?? this.add(value);
  }

  private add(value: Json): number {
    const n = this.texts.length;
    this.positions.set(value, n);
    const ref = refOf(value, this.home.namespace);
    const text = ref ? 'null' : JSON.stringify(value);
    this.texts.push(text);
    if (ref) this.refs = { ...this.refs, [n]: ref };
    else if (isWorthAPlace(text)) this.home.places.put(value, placeInHistory(this.lastId, n));
    return n;
  }
}

const codeOf = new Map(EVENT_TYPES.map((type, code) => [type, code]));

/** Equality of objects is identity here: the interpreter passes on what it does not change. */
const isShared = (value: Json): boolean =>
  typeof value === 'string' ? value.length > SHARED_TEXT_LENGTH : typeof value === 'object' && value !== null;
