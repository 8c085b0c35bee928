import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';

interface Invocation {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly waiting?: { readonly reasons: readonly { readonly code: string }[] };
}

/** Without end where there are GPUs, at once elsewhere. */
const SCRIPT = 'if [ -n "$SPOOL_GPUS" ]; then sleep 3600; fi; echo done';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.router();
});
afterAll(() => cluster?.remove());

const path = '/v1/functions/limited/invocations?mode=async';
const list = async () =>
  (await cluster.api<{ items: Invocation[] }>('GET', '/v1/invocations?function=limited&limit=50')).items;
const countOf = (all: readonly Invocation[], wanted: string): number =>
  all.filter(({ status }) => status === wanted).length;

it('a function goes on within its limit when the executor is killed that held all that may run of it', async () => {
  const command = ['sh', '-c', SCRIPT];
  const room = { memoryMb: 64, vcpu: 0.1, maxConcurrency: 2 };
  await cluster.api('POST', '/v1/functions', { name: 'limited', runtime: 'command', command, ...room });
  const victim = await cluster.executor('victim', { SPOOL_GPUS: 'simulated:1x1000', SPOOL_EXECUTOR_SLOTS: '4' });
  for (let n = 0; n < 5; n++) await cluster.api('POST', path, {});
  const waiting = await eventually(async () => {
    const all = await list();
    return countOf(all, 'RUNNING') === 2 && all.find(({ status }) => status === 'QUEUED');
  });
  const { waiting: wait } = await cluster.api<Invocation>('GET', `/v1/invocations/${waiting.id}`);
  expect(wait?.reasons).toMatchObject([{ code: 'function_limit' }]);

  await victim.end('SIGKILL');
  await cluster.executor('other', { SPOOL_GPUS: 'none', SPOOL_EXECUTOR_SLOTS: '4' });
  const ended = await eventually(async () => {
    const all = await list();
    expect(countOf(all, 'RUNNING')).toBeLessThanOrEqual(2);
    return countOf(all, 'SUCCEEDED') === 5 && all;
  });
  expect(ended.filter(({ attempt }) => attempt > 1).length).toBeGreaterThan(0);
});
