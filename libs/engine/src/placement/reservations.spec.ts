import { describe, expect, it } from '@jest/globals';
import type { Needs } from '@app/queue';
import { type Candidate, leftBeside, reservations, type Starving } from './reservations.js';

const capacity = { slots: 8, memoryMb: 8_000, vcpu: 8, diskMb: 1_000, diskShareMb: 125 };
const GPU = { memoryMb: 80_000, isWhole: true };
const HELD = { memoryMb: 0, isWhole: false };
const executor = (id: string, change: Partial<Candidate> = {}): Candidate => ({
  id,
  labels: ['cpu'],
  capacity,
  free: { ...capacity, memoryMb: 1_000 },
  reservedFor: null,
  ...change,
});
const task = (id: string, needs?: Needs, change: Partial<Starving> = {}): Starving => ({
  id,
  labels: [],
  memoryMb: 8_000,
  vcpu: 1,
  ...(needs && { needs }),
  ...change,
});

describe('an executor is kept free', () => {
  it('for a task that fits none just now: the one that lacks least', () => {
    const emptier = executor('b', { free: { ...capacity, memoryMb: 6_000 } });
    expect(reservations([task('t')], [executor('a'), emptier, executor('c')])).toEqual([
      { executorId: 'b', taskId: 't' },
    ]);
  });

  it('if it could run the task at all, by its labels and all that it has', () => {
    const [labelled, small] = [
      executor('a', { labels: ['gpu'] }),
      executor('b', { capacity: { ...capacity, memoryMb: 1 } }),
    ];
    expect(reservations([task('t', undefined, { labels: ['cpu'] })], [labelled, small])).toEqual([]);
    expect(reservations([task('t', { diskMb: 1_001 })], [executor('a')])).toEqual([]);
  });

  it('for nothing that has room somewhere: it starts next', () => {
    expect(reservations([task('t')], [executor('a'), executor('b', { free: capacity })])).toEqual([]);
  });

  it('for one task at a time, and a task keeps one only', () => {
    const [a, b] = [executor('a', { reservedFor: 't' }), executor('b')];
    expect(reservations([task('t')], [a, b])).toEqual([]);
    expect(reservations([task('u')], [executor('a', { reservedFor: 't' })])).toEqual([]);
  });

  it('as long as half of them go on, but for a single one', () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((id) => executor(id));
    const starving = ['t', 'u', 'v', 'w'].map((id) => task(id));
    expect(reservations(starving, all).map(({ taskId }) => taskId)).toEqual(['t', 'u']);
    expect(reservations(starving, [executor('a')])).toHaveLength(1);
  });
});

describe('what others get of an executor that is kept free', () => {
  it('is what the task does not need', () => {
    const free = { slots: 4, memoryMb: 9_000, vcpu: 3, diskMb: 500, diskShareMb: 125 };
    expect(leftBeside(free, task('t', { diskMb: 300 }))).toEqual({
      slots: 3,
      memoryMb: 1_000,
      vcpu: 2,
      diskMb: 200,
      diskShareMb: 125,
    });
  });

  it('is all but GPUs while it is GPUs that the task waits for: those who need none go on', () => {
    const free = { slots: 4, memoryMb: 9_000, vcpu: 3, gpus: [HELD, GPU] };
    expect(leftBeside(free, task('t', { gpus: 2 }))).toEqual({ ...free, gpus: [HELD, HELD] });
  });

  it('is not the memory of a GPU that comes free part by part', () => {
    const free = { slots: 4, memoryMb: 9_000, vcpu: 3, gpus: [{ memoryMb: 10_000, isWhole: false }, HELD] };
    const part = task('t', { gpus: 1, gpuMemoryMb: 40_000 });
    expect(leftBeside(free, part)).toEqual({ ...free, gpus: [HELD, HELD] });
  });

  it('is less by all that the task needs once its GPUs are there', () => {
    const free = { slots: 4, memoryMb: 3_000, vcpu: 3, gpus: [GPU, GPU] };
    const left = leftBeside(free, task('t', { gpus: 1 }));
    expect(left).toEqual({ slots: 3, memoryMb: 0, vcpu: 2, gpus: [HELD, GPU] });
  });
});
