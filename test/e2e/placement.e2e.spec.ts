import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChildApp } from '../support/child-app.js';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';

interface Invocation {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly executor?: string;
  readonly output?: { readonly stdout: string };
  readonly waiting?: { readonly reasons: readonly { readonly code: string; readonly message: string }[] };
}
interface Executor {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly running: number;
}

const sh = (script: string) => ({ runtime: 'command', command: ['sh', '-c', script], memoryMb: 64, vcpu: 0.1 });
const SEEN = 'printf %s "$CUDA_VISIBLE_DEVICES"';

let cluster: Cluster;
let gpu: ChildApp;
beforeAll(async () => {
  cluster = await Cluster.start({ env: { SPOOL_RESERVE_AFTER_SECONDS: '3' } });
  await cluster.router();
  const room = { SPOOL_EXECUTOR_SLOTS: '4', SPOOL_EXECUTOR_MEMORY_MB: '1024' };
  gpu = await cluster.executor('with-gpu', { SPOOL_GPUS: 'simulated:1x80000', ...room });
  await cluster.executor('plain', { SPOOL_GPUS: 'none', ...room });
  await eventually(async () => (await executors()).length === 2);
});
afterAll(() => cluster?.remove());

const executors = async () => (await cluster.api<{ items: Executor[] }>('GET', '/v1/executors')).items;
const deploy = (name: string, config: object) => cluster.api('POST', '/v1/functions', { name, ...config });
const show = (id: string) => cluster.api<Invocation>('GET', `/v1/invocations/${id}`);
const begin = async (name: string) =>
  (await cluster.api<Invocation>('POST', `/v1/functions/${name}/invocations?mode=async`, {})).id;
const ended = (id: string): Promise<Invocation> =>
  eventually(async () => {
    const invocation = await show(id);
    return ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(invocation.status) && invocation;
  });
const nameOf = async ({ executor }: Invocation) => (await executors()).find(({ id }) => id === executor)?.name;

describe('a GPU', () => {
  it('is given to one task at a time; who waits for it says so, and holds up nobody', async () => {
    await deploy('hold', { ...sh(`${SEEN}; sleep 8`), gpus: 1 });
    await deploy('small', sh(SEEN));
    const ids = [await begin('hold'), await begin('hold')];
    const waiting = await eventually(async () => {
      const all = await Promise.all(ids.map(show));
      const one = all.find(({ status }) => status === 'QUEUED');
      return (
        all.some(({ status }) => status === 'RUNNING') &&
        one?.waiting?.reasons.length === 1 &&
        one.waiting.reasons[0]?.code === 'busy' &&
        one
      );
    });
    expect(waiting.waiting?.reasons).toEqual([{ code: 'busy', message: 'No executor with its labels has free 1 GPU' }]);
    expect(await ended(await begin('small'))).toMatchObject({ status: 'SUCCEEDED', output: { stdout: '' } });
    for (const id of ids) {
      const invocation = await ended(id);
      expect(invocation).toMatchObject({ status: 'SUCCEEDED', output: { stdout: 'GPU-SIMULATED-0' } });
      expect(await nameOf(invocation)).toBe('with-gpu');
    }
  });

  it('that a function would rather have is not waited for longer than it said', async () => {
    await deploy('rather', { ...sh(SEEN), preferGpu: { fallbackAfterSeconds: 1 } });
    expect(await ended(await begin('rather'))).toMatchObject({ output: { stdout: 'GPU-SIMULATED-0' } });
    await deploy('hog', { ...sh('sleep 60'), gpus: 1 });
    const hog = await begin('hog');
    await eventually(async () => (await show(hog)).status === 'RUNNING');
    expect(await ended(await begin('rather'))).toMatchObject({ status: 'SUCCEEDED', output: { stdout: '' } });
    await cluster.api('POST', `/v1/invocations/${hog}/cancel`);
  });
});

describe('a task that needs a whole machine', () => {
  it('is not held up for ever by small ones: an executor is kept free for it', async () => {
    await deploy('small', { ...sh('sleep 2'), memoryMb: 256 });
    await deploy('whole', { ...sh('echo alone'), memoryMb: 1_024 });
    for (let n = 0; n < 8; n++) await begin('small');
    await eventually(async () => (await executors()).every(({ running }) => running === 4));
    const whole = await begin('whole');
    const small: string[] = [];
    const invocation = await eventually(async () => {
      small.push(await begin('small'));
      const seen = await show(whole);
      return seen.status === 'SUCCEEDED' && seen;
    });
    expect(invocation).toMatchObject({ output: { stdout: 'alone\n' } });
    // Somebody always waited.
    const last = await show(small.at(-1) ?? '');
    expect(last.status).toBe('QUEUED');
    for (const { status, id } of await Promise.all(small.map(show)))
      if (status !== 'SUCCEEDED') await cluster.api('POST', `/v1/invocations/${id}/cancel`).catch(() => {});
  });
});

describe('an executor that goes', () => {
  it('when it is asked to, ends by itself, and what it had not finished runs elsewhere', async () => {
    await deploy('long', sh('if [ -n "$SPOOL_GPUS" ]; then sleep 60; fi; echo done'));
    const third = await cluster.executor('third', { SPOOL_GPUS: 'simulated:1x1000', SPOOL_DRAIN_SECONDS: '1' });
    const { id: executorId } = await eventually(async () => (await executors()).find(({ name }) => name === 'third'));
    const { id: gpuId } = (await executors()).find(({ name }) => name === 'with-gpu') as Executor;
    await cluster.api('POST', `/v1/executors/${gpuId}/drain`);
    expect(await gpu.exitCode()).toBe(0);
    // Those that come to the plain one end at once, so that in the end one is at the third.
    const id = await eventually(async () => {
      const begun = await begin('long');
      const invocation = await eventually(async () => {
        const seen = await show(begun);
        return seen.status !== 'QUEUED' && seen;
      });
      return invocation.executor === executorId && begun;
    });
    await cluster.api('POST', `/v1/executors/${executorId}/drain`);
    expect(await third.exitCode()).toBe(0);
    const invocation = await ended(id);
    expect(invocation).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
    expect(await nameOf(invocation)).toBe('plain');
    expect((await executors()).find(({ name }) => name === 'third')).toMatchObject({ state: 'left' });
  });
});
