import { describe, expect, it } from '@jest/globals';
import { rollup, type StateTasks } from './rollup.js';

const tasks = (state: string, more: Partial<StateTasks> = {}): StateTasks => ({
  state,
  tasks: 1,
  ended: 0,
  running: 0,
  runningPercent: 0,
  ...more,
});

describe('the progress of an execution', () => {
  it('is that of its tasks, as far as they are known, where none has succeeded before', () => {
    const now = [tasks('Plan', { ended: 1 }), tasks('Encode', { tasks: 3, running: 2, runningPercent: 100 })];
    expect(rollup(now, [], 30)).toEqual({ percent: 50, etaSeconds: 30, tasks: { ended: 1, running: 2, waiting: 1 } });
  });

  it('counts what is still to come as the last one had it, each state as long as it took', () => {
    const earlier = [
      { state: 'Plan', tasks: 1, seconds: 2 },
      { state: 'Encode', tasks: 1, seconds: 90 },
      { state: 'Package', tasks: 1, seconds: 8 },
    ];
    expect(rollup([tasks('Plan', { ended: 1 })], earlier, 1)).toMatchObject({ percent: 2, etaSeconds: 49 });
    const half = [tasks('Plan', { ended: 1 }), tasks('Encode', { running: 1, runningPercent: 50 })];
    expect(rollup(half, earlier, 47)).toMatchObject({ percent: 47, etaSeconds: 53 });
    expect(rollup([...half, tasks('New', { tasks: 6 })], earlier, 47).percent).toBe(44.3);
  });

  it('says no time at the beginning, and never that all is done', () => {
    expect(rollup([tasks('Encode', { running: 1 })], [], 5)).toEqual({
      percent: 0,
      tasks: { ended: 0, running: 1, waiting: 0 },
    });
    expect(rollup([tasks('Encode', { ended: 1 })], [], 5).percent).toBe(99);
  });
});
