import { describe, expect, it } from '@jest/globals';
import { EVENTS_PER_ROW, fromHistoryRow, placesElsewhere, toHistoryRows } from './history-record.js';
import type { StoredHistoryEvent } from './history.repository.js';
import { Places } from './places.js';

const at = new Date('2026-01-01T00:00:00.123Z');
const event = (id: number, details: StoredHistoryEvent['details']): StoredHistoryEvent => {
  return { id, previous: id <= 2 ? 0 : id - 1, frameId: 0, type: 'TaskSucceeded', at, details };
};
const newPlaces = () => new Places('an execution');
const texts = (events: readonly StoredHistoryEvent[], places = newPlaces()) =>
  toHistoryRows(events, { places, namespace: 'default' });
const stored = (events: readonly StoredHistoryEvent[]) =>
  texts(events).flatMap(({ lastId, text }) => fromHistoryRow({ lastId, record: JSON.parse(text) }));

describe('the history of a turn', () => {
  it('is read as it was written', () => {
    const value = { deep: [1, { of: null }] };
    const events = [event(7, { output: value, name: 'A' }), event(8, { input: value }), event(9, {})];
    expect(stored(events)).toEqual(events);
  });

  it('holds a value once that goes from state to state, and a long text too', () => {
    const value = { text: 'x'.repeat(1_000) };
    const cause = 'y'.repeat(1_000);
    const events = [event(1, { output: value, cause }), event(2, { input: value, cause }), event(3, { input: value })];
    expect(JSON.stringify(texts(events)).length).toBeLessThan(2_500);
    expect(stored(events)).toEqual(events);
  });

  it('says where its larger values stand, for other rows to refer to', () => {
    const [small, large] = [{ n: 1 }, { text: 'x'.repeat(1_000) }];
    const places = newPlaces();
    texts([event(1, { output: small }), event(2, { output: large })], places);
    expect([places.of(small), places.of(large)]).toEqual([undefined, 2_001]);
  });

  it('refers to a value that an earlier turn has stored', () => {
    const value = { text: 'x'.repeat(1_000) };
    const first = newPlaces();
    texts([event(1, { output: value })], first);
    first.note();
    const [row] = texts([event(2, { input: value })]);
    expect(row?.text.length).toBeLessThan(200);
    const read = { lastId: 2, record: JSON.parse(row?.text ?? '') };
    expect(placesElsewhere(read)).toEqual([1_000]);
    expect(fromHistoryRow(read, new Map([[1_000, value]]))).toEqual([event(2, { input: value })]);
  });

  it('keeps the time and the type of each event, of types that nobody knew of, too', () => {
    const events = [event(1, {}), { ...event(2, {}), type: 'Invented', at: new Date(at.getTime() + 5) }];
    expect(stored(events)).toEqual(events);
  });

  it('says what each event follows, and nothing where that is the one before it', () => {
    const inLine = [event(1, {}), event(2, {}), event(3, {})];
    const branches = [4, 5, 6, 7].map((id) => ({ ...event(id, {}), previous: id < 6 ? 3 : id - 2 }));
    expect([texts(inLine)[0]?.text, texts(branches)[0]?.text].map((text) => text?.includes('back'))).toEqual([
      false,
      true,
    ]);
    expect([...stored(inLine), ...stored(branches)].map(({ previous }) => previous)).toEqual([0, 0, 2, 3, 3, 4, 5]);
  });

  it('is read as an earlier version wrote it', () => {
    const record = { values: ['x'], events: [[0, 'TaskSucceeded', at.getTime(), { name: 'A' }, { output: 0 }]] };
    expect(fromHistoryRow({ lastId: 7, record: record as never })).toEqual([event(7, { name: 'A', output: 'x' })]);
  });

  it('takes a value that looks like a reference for what it is', () => {
    const events = [event(1, { output: { output: 0 } }), event(2, { output: 0 })];
    expect(stored(events)).toEqual(events);
  });

  it('is split into rows, so that a page of it reads few', () => {
    const events = Array.from({ length: EVENTS_PER_ROW + 1 }, (_, n) => event(n + 1, { n }));
    expect(texts(events).map(({ lastId }) => lastId)).toEqual([EVENTS_PER_ROW, EVENTS_PER_ROW + 1]);
    expect(stored(events)).toEqual(events);
  });
});
