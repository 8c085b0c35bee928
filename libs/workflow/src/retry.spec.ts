import { describe, expect, it } from '@jest/globals';
import { matchesError, retryFor } from './retry.js';

describe('matchesError', () => {
  it.each([
    [['States.ALL'], 'Any', true],
    [['States.ALL'], 'States.Timeout', true],
    [['States.ALL'], 'States.BranchFailed', true],
    [['States.ALL'], 'States.DataLimitExceeded', true],
    [['States.ALL'], 'States.Runtime', false],
    [['States.TaskFailed'], 'Any', true],
    [['States.TaskFailed'], 'States.Timeout', false],
    [['States.TaskFailed'], 'States.HeartbeatTimeout', false],
    [['States.TaskFailed'], 'States.DataLimitExceeded', false],
    [['States.Timeout'], 'States.HeartbeatTimeout', true],
    [['States.HeartbeatTimeout'], 'States.Timeout', false],
    [['States.DataLimitExceeded'], 'States.DataLimitExceeded', true],
    [['States.Runtime'], 'States.Runtime', false],
    [['A', 'B'], 'B', true],
    [['A', 'B'], 'C', false],
    [['A'], 'a', false],
  ])('tells whether %j matches %s', (names, error, matches) => {
    expect(matchesError(names, error)).toBe(matches);
  });
});

describe('retryFor', () => {
  it('waits no longer than a year, however often it was tried', () => {
    const retrier = { ErrorEquals: ['E'], MaxAttempts: 10_000, BackoffRate: 10 };
    expect(retryFor([retrier], 'E', { 0: 9000 }, () => 0)?.delayMs).toBe(31_622_400_000);
  });

  it('draws a jittered delay from nothing up to the back-off', () => {
    const retrier = { ErrorEquals: ['E'], IntervalSeconds: 10, JitterStrategy: 'FULL' } as const;
    expect(retryFor([retrier], 'E', {}, () => 0)?.delayMs).toBe(0);
    expect(retryFor([retrier], 'E', {}, () => 0.25)?.delayMs).toBe(2500);
  });

  it('counts for the retrier that matched and leaves the others', () => {
    const retriers = [{ ErrorEquals: ['A'] }, { ErrorEquals: ['B'] }];
    expect(retryFor(retriers, 'B', { 0: 2 }, () => 0)?.retries).toEqual({ 0: 2, 1: 1 });
  });
});
