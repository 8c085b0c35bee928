import { describe, expect, it } from '@jest/globals';
import { EVENTS_PER_ROW, fromHistoryRow, toHistoryRows } from './history-record.js';
import type { StoredHistoryEvent } from './history.repository.js';

const at = new Date('2026-01-01T00:00:00.123Z');
const event = (id: number, details: StoredHistoryEvent['details']): StoredHistoryEvent => {
  return { id, frameId: 0, type: 'TaskSucceeded', at, details };
};
const stored = (events: readonly StoredHistoryEvent[]) =>
  (JSON.parse(JSON.stringify(toHistoryRows(events, 'default'))) as ReturnType<typeof toHistoryRows>).flatMap(
    fromHistoryRow,
  );

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
    expect(JSON.stringify(toHistoryRows(events, 'default')).length).toBeLessThan(2_500);
    expect(stored(events)).toEqual(events);
  });

  it('takes a value that looks like a reference for what it is', () => {
    const events = [event(1, { output: { output: 0 } }), event(2, { output: 0 })];
    expect(stored(events)).toEqual(events);
  });

  it('is split into rows, so that a page of it reads few', () => {
    const events = Array.from({ length: EVENTS_PER_ROW + 1 }, (_, n) => event(n + 1, { n }));
    expect(toHistoryRows(events, 'default').map(({ lastId }) => lastId)).toEqual([EVENTS_PER_ROW, EVENTS_PER_ROW + 1]);
    expect(stored(events)).toEqual(events);
  });
});
