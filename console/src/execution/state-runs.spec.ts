import { describe, expect, it } from '@jest/globals';
import type { Execution, HistoryEvent, Json } from '../api/types.js';
import { overall, runsByState, stateRuns } from './state-runs.js';

const running = { status: 'RUNNING' } as const;

/** `frameId type name`, a second after each other. */
function history(...events: (string | [string, { [key: string]: Json }])[]): HistoryEvent[] {
  return events.map((event, index) => {
    const [line, details] = typeof event === 'string' ? [event, {}] : event;
    const [frameId, type, ...name] = line.split(' ');
    const at = new Date(Date.UTC(2025, 0, 1, 0, 0, index)).toISOString();
    return {
      id: index + 1,
      previousEventId: index,
      type: type ?? '',
      at,
      frameId: Number(frameId),
      details: { name: name.join(' '), ...details },
    };
  });
}

function ended(status: Execution['status']) {
  return { status, endedAt: '2025-01-01T01:00:00.000Z' };
}

describe('stateRuns', () => {
  it('gives a visit for each entry, with what went in and what came out', () => {
    const events = history(
      ['0 TaskStateEntered Probe', { input: 1 }],
      '0 TaskScheduled',
      '0 TaskSucceeded',
      ['0 TaskStateExited Probe', { output: 2 }],
      '0 WaitStateEntered Rest',
    );
    const runs = stateRuns(events, running);
    expect(runs).toMatchObject([
      { stateName: 'Probe', type: 'Task', status: 'SUCCEEDED', input: 1, output: 2, tries: 1 },
      { stateName: 'Rest', type: 'Wait', status: 'RUNNING' },
    ]);
  });

  it('keeps the lines of a Parallel apart', () => {
    const runs = stateRuns(
      history('0 ParallelStateEntered P', '1 TaskStateEntered A', '2 TaskStateEntered B', '2 TaskStateExited B'),
      running,
    );
    expect(runs.map(({ stateName, status }) => `${stateName} ${status}`)).toEqual([
      'P RUNNING',
      'A RUNNING',
      'B SUCCEEDED',
    ]);
  });

  it('calls a state that is left after an error caught, and one that is tried again in the end succeeded', () => {
    const failed: [string, { [key: string]: Json }] = ['0 TaskFailed', { error: 'Oops', cause: 'why' }];
    const caught = stateRuns(history('0 TaskStateEntered A', failed, '0 TaskStateExited A'), running);
    expect(caught).toMatchObject([{ status: 'CAUGHT', error: 'Oops', cause: 'why' }]);
    const retried = history(
      '0 TaskStateEntered A',
      '0 TaskScheduled',
      failed,
      '0 TaskScheduled',
      '0 TaskSucceeded',
      '0 TaskStateExited A',
    );
    expect(stateRuns(retried, running)).toMatchObject([{ status: 'SUCCEEDED', tries: 2, error: undefined }]);
  });

  it('calls a state whose try has failed retrying until the next one begins', () => {
    const events = history('0 TaskStateEntered A', '0 TaskScheduled', '0 TaskTimedOut', '0 TaskScheduled');
    expect(stateRuns(events.slice(0, 3), running)).toMatchObject([{ status: 'RETRYING', error: 'States.Timeout' }]);
    expect(stateRuns(events, running)).toMatchObject([{ status: 'RUNNING' }]);
  });

  it('tells what failed from what was stopped because of it', () => {
    const events = history('0 ParallelStateEntered P', '1 TaskStateEntered A', '2 TaskStateEntered B', [
      '1 TaskFailed',
      { error: 'Oops' },
    ]);
    const states = stateRuns(events, ended('FAILED')).map(({ stateName, status }) => `${stateName} ${status}`);
    expect(states).toEqual(['P FAILED', 'A FAILED', 'B ABORTED']);
  });

  it('ends what was under way inside a Parallel that failed and was caught, and nothing else', () => {
    const runs = stateRuns(
      history(
        '0 ParallelStateEntered P',
        '0 ParallelStateStarted',
        '1 TaskStateEntered A',
        '2 TaskStateEntered B',
        ['1 TaskFailed', { error: 'Oops' }],
        '0 ParallelStateFailed',
        '0 ParallelStateExited P',
        '0 TaskStateEntered Sorry',
      ),
      running,
      new Map([
        ['A', ['P']],
        ['B', ['P']],
      ]),
    );
    const states = runs.map(({ stateName, status }) => `${stateName} ${status}`);
    expect(states).toEqual(['P CAUGHT', 'A FAILED', 'B ABORTED', 'Sorry RUNNING']);
    expect(runs[0]).toMatchObject({ error: 'Oops' });
  });

  it('ends what was under way inside a Parallel that starts anew', () => {
    const runs = stateRuns(
      history(
        '0 ParallelStateEntered P',
        '0 ParallelStateStarted',
        '1 TaskStateEntered A',
        '2 TaskStateEntered B',
        ['1 TaskFailed', { error: 'Oops' }],
        '0 ParallelStateStarted',
        '3 TaskStateEntered A',
      ),
      running,
      new Map([
        ['A', ['P']],
        ['B', ['P']],
      ]),
    );
    const states = runs.map(({ stateName, status }) => `${stateName} ${status}`);
    expect(states).toEqual(['P RUNNING', 'A FAILED', 'B ABORTED', 'A RUNNING']);
  });

  it('counts how many items of a Map are done', () => {
    const runs = stateRuns(
      history(
        '0 MapStateEntered M',
        ['0 MapStateStarted M', { length: 3 }],
        '1 MapIterationSucceeded M',
        '2 MapIterationSucceeded M',
      ),
      running,
    );
    expect(runs[0]?.children).toEqual({ total: 3, done: 2 });
  });
});

describe('overall', () => {
  it('shows what still runs before what failed, and what failed before what succeeded', () => {
    const runs = stateRuns(
      history(
        '1 TaskStateEntered A',
        '1 TaskStateExited A',
        '2 TaskStateEntered A',
        ['2 TaskFailed', { error: 'Oops' }],
        '3 TaskStateEntered A',
      ),
      running,
    );
    const byState = runsByState(runs).get('A') ?? [];
    expect(overall(byState)).toBe('RUNNING');
    expect(
      overall(stateRuns(history('1 TaskStateEntered A', ['1 TaskFailed', { error: 'Oops' }]), ended('FAILED'))),
    ).toBe('FAILED');
    expect(overall([])).toBe('IDLE');
  });
});
