import { describe, expect, it } from '@jest/globals';
import type { HistoryEvent, Invocation } from '../api/types.js';
import { withEvents, withInvocation } from './load-history.js';

const event = (id: number): HistoryEvent => ({ id, previousEventId: 0, type: 'X', at: '', frameId: 0, details: {} });
const invocation = (attempt: number, status: Invocation['status']) => ({ id: 'a', attempt, status }) as Invocation;
const ids = (events: readonly HistoryEvent[]): number[] => events.map(({ id }) => id);

describe('withEvents', () => {
  it('has each event once and in order, whichever way it came first', () => {
    expect(ids(withEvents([event(1), event(2)], [event(3)]))).toEqual([1, 2, 3]);
    expect(ids(withEvents([event(1), event(3)], [event(2), event(3), event(4)]))).toEqual([1, 2, 3, 4]);
  });
});

describe('withInvocation', () => {
  it('takes the later word', () => {
    const known = [invocation(1, 'RUNNING')];
    expect(withInvocation(known, invocation(1, 'SUCCEEDED'))).toMatchObject([{ status: 'SUCCEEDED' }]);
    expect(withInvocation(known, invocation(2, 'RUNNING'))).toMatchObject([{ attempt: 2 }]);
  });

  it('does not go back from an end, nor to an earlier attempt', () => {
    expect(withInvocation([invocation(1, 'SUCCEEDED')], invocation(1, 'RUNNING'))).toMatchObject([
      { status: 'SUCCEEDED' },
    ]);
    expect(withInvocation([invocation(2, 'RUNNING')], invocation(1, 'FAILED'))).toMatchObject([{ attempt: 2 }]);
  });
});
