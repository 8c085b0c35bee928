import { describe, expect, it } from '@jest/globals';
import type { Needs } from '@app/queue';
import { type Place, type Waiting, whyWaiting } from './why-waiting.js';

const capacity = { slots: 4, memoryMb: 8_000, vcpu: 4 };
const place = (change: Partial<Place> = {}): Place => ({
  name: 'one',
  labels: ['cpu'],
  capacity,
  free: capacity,
  isDraining: false,
  ...change,
});
const waiting = (needs: Needs = {}, change: Partial<Waiting & Waiting['task']> = {}): Waiting => ({
  task: { labels: change.labels ?? [], memoryMb: change.memoryMb ?? 512, vcpu: change.vcpu ?? 1, needs },
  waitedSeconds: 5,
  dueInSeconds: 0,
  sameWorkAs: undefined,
  ofFunction: 0,
  ofNamespace: 0,
  maxRunning: undefined,
  ...change,
});
const why = (task: Waiting, ...places: Place[]) =>
  whyWaiting(task, places).map(({ code, message }) => `${code}: ${message}`);

describe('a task waits', () => {
  it('for an executor, where there is none', () => {
    expect(why(waiting())).toEqual(['no_executor: No executor is there']);
  });

  it('for labels that nobody has, each by its name', () => {
    const task = waiting({}, { labels: ['cpu', 'gpu', 'encoder=h264_nvenc'] });
    expect(why(task, place())).toEqual([
      'missing_label: No executor has the label gpu',
      'missing_label: No executor has the label encoder=h264_nvenc',
    ]);
    const apart = [place({ labels: ['cpu', 'gpu'] }), place({ labels: ['encoder=h264_nvenc'] })];
    expect(why(task, ...apart)).toEqual(['missing_label: No executor has all of cpu, gpu, encoder=h264_nvenc']);
  });

  it('for more than any executor has', () => {
    expect(why(waiting({}, { memoryMb: 9_000 }), place())).toEqual([
      'too_large: No executor with its labels has 9000 MB of memory',
    ]);
    expect(why(waiting({ gpus: 1 }), place())).toEqual(['too_large: No executor with its labels has 1 GPU']);
  });

  it('for what is not free just now', () => {
    const gpu = { memoryMb: 80_000, isWhole: true };
    const busy = place({
      capacity: { ...capacity, gpus: [gpu] },
      free: { ...capacity, gpus: [{ memoryMb: 20_000, isWhole: false }] },
    });
    expect(why(waiting({ gpus: 1 }), busy)).toEqual(['busy: No executor with its labels has free 1 GPU']);
    expect(why(waiting({ gpus: 1, gpuMemoryMb: 30_000 }), busy)).toEqual([
      'busy: No executor with its labels has free 30000 MB on 1 GPU',
    ]);
    const halves = [place({ free: { ...capacity, slots: 0 } }), place({ free: { ...capacity, memoryMb: 10 } })];
    expect(why(waiting(), ...halves)).toEqual(['busy: No executor has free all that it needs at the same time']);
  });

  it('for an end of what runs, where that is limited', () => {
    expect(why(waiting({ maxConcurrency: 2 }, { ofFunction: 2, ofNamespace: 9, maxRunning: 9 }), place())).toEqual([
      'function_limit: 2 tasks of its function run, and maxConcurrency is 2',
      'namespace_quota: 9 tasks of its namespace run, and the quota is 9',
    ]);
  });

  it('for somebody else, where the only one that could is stopping', () => {
    expect(why(waiting(), place({ isDraining: true }))).toEqual([
      'draining: Only one could run it, which was asked to stop and takes no more',
    ]);
  });

  it('for a GPU that it would rather have, for as long as it said', () => {
    const prefer = { gpus: 1, labels: [], afterSeconds: 30 };
    expect(why(waiting({ prefer }), place())).toEqual([
      'too_large: No executor with its labels has 1 GPU',
      'prefers_gpu: It would rather have a GPU, and does without in 25 s',
    ]);
    expect(why(waiting({ prefer }, { waitedSeconds: 31 }), place())).toEqual([
      'next: There is room for it: it starts next, or others have their turn before it',
    ]);
  });

  it('for the result of another one that does the same work', () => {
    expect(why(waiting({}, { dueInSeconds: 4.2, sameWorkAs: 'abc' }), place())).toEqual([
      'same_work: Invocation abc does the same work, and its result will be that of this one too',
    ]);
  });

  it('for the time at which it is tried again', () => {
    expect(why(waiting({}, { dueInSeconds: 4.2 }), place())).toEqual(['not_due: It is tried again in 5 s']);
  });
});
