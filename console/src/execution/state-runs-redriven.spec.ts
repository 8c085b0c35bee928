import { describe, expect, it } from '@jest/globals';
import type { HistoryEvent, Json } from '../api/types.js';
import { stateRuns } from './state-runs.js';

const history = (...events: [type: string, details?: Record<string, Json>, frameId?: number][]): HistoryEvent[] =>
  events.map(([type, details = {}, frameId = 0], index) => {
    return { id: index + 1, previousEventId: index, type, at: `2026-01-01T00:00:0${index}.000Z`, frameId, details };
  });

describe('the visits of a redriven execution', () => {
  it('go on where they had failed', () => {
    const events = history(
      ['TaskStateEntered', { name: 'A' }],
      ['TaskScheduled'],
      ['TaskFailed', { error: 'Broken' }],
      ['ExecutionFailed', { error: 'Broken' }],
      ['ExecutionRedriven', { redriveCount: 1 }],
      ['TaskScheduled'],
    );
    expect(stateRuns(events, { status: 'RUNNING' })).toMatchObject([{ stateName: 'A', status: 'RUNNING', tries: 2 }]);
    expect(stateRuns(events, { status: 'RUNNING' })[0]?.error).toBeUndefined();
  });
});
