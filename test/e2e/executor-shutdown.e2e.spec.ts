import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChildApp } from '../support/child-app.js';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/standalone.js';

interface Invocation {
  readonly status: string;
  readonly attempt: number;
  readonly executor?: string;
  readonly output?: { readonly stdout: string };
}

let cluster: Cluster;
let leaving: ChildApp;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.router();
  // Runs for long at the one that is to go, and ends at once at the one that stays.
  const script = 'if [ "$SPOOL_GPUS" = 0 ]; then echo begun >&2; sleep "$0"; fi; echo done';
  const config = { runtime: 'command', memoryMb: 64, vcpu: 0.1 };
  for (const [name, seconds] of [
    ['short', '3'],
    ['long', '300'],
  ])
    await cluster.api('POST', '/v1/functions', { name, ...config, command: ['sh', '-c', script, seconds] });
});
afterAll(() => cluster?.remove());

const show = (id: string) => cluster.api<Invocation>('GET', `/v1/invocations/${id}`);
const ended = (id: string): Promise<Invocation> =>
  eventually(async () => {
    const invocation = await show(id);
    return !['QUEUED', 'RUNNING', 'PUBLISHING'].includes(invocation.status) && invocation;
  });

/** A task that runs at an executor, which is the only one. */
async function begin(name: string, env: Record<string, string> = {}): Promise<string> {
  leaving = await cluster.executor('leaving', { SPOOL_GPUS: 'simulated:1x1000', ...env });
  const { id } = await cluster.api<{ id: string }>('POST', `/v1/functions/${name}/invocations?mode=async`, {});
  await eventually(async () => {
    const { items } = await cluster.api<{ items: { line: string }[] }>('GET', `/v1/invocations/${id}/logs`);
    return items.some(({ line }) => line === 'begun');
  });
  return id;
}
async function endedElsewhere(id: string): Promise<Invocation> {
  const staying = await cluster.executor('staying', { SPOOL_GPUS: 'none' });
  const invocation = await ended(id);
  await staying.end('SIGTERM');
  return invocation;
}

beforeEach(async () => {
  await leaving?.end('SIGKILL');
});

describe('SIGTERM to an executor with a task in hand', () => {
  it('lets it end, if it does in time, tells its result and exits with 0', async () => {
    const id = await begin('short');
    process.kill(leaving.pid, 'SIGTERM');
    expect(await leaving.exitCode()).toBe(0);
    expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED', attempt: 1 });
  });

  it('hands back what does not end in time: it runs elsewhere, and no attempt is used up', async () => {
    const id = await begin('long', { SPOOL_DRAIN_SECONDS: '1' });
    process.kill(leaving.pid, 'SIGTERM');
    expect(await leaving.exitCode()).toBe(0);
    expect(await show(id)).toMatchObject({ status: 'QUEUED' });
    expect(await endedElsewhere(id)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  });

  it('a second time hands back at once, however long it would have waited', async () => {
    const id = await begin('long', { SPOOL_DRAIN_SECONDS: '250' });
    process.kill(leaving.pid, 'SIGTERM');
    await leaving.says(/SIGTERM asks this executor to stop/);
    process.kill(leaving.pid, 'SIGTERM');
    expect(await leaving.exitCode()).toBe(0);
    expect(await show(id)).toMatchObject({ status: 'QUEUED' });
    expect(await endedElsewhere(id)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  });

  it('while no gateway answers ends it too; its lease runs out, and the task runs elsewhere', async () => {
    const id = await begin('long', { SPOOL_DRAIN_SECONDS: '1' });
    cluster.pauseGateway();
    process.kill(leaving.pid, 'SIGTERM');
    expect(await leaving.exitCode()).toBe(0);
    cluster.resumeGateway();
    expect(await endedElsewhere(id)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  });
});

describe('an executor that was gone for longer than its lease', () => {
  it('is fenced off when it comes back: what it tells late changes nothing, and it ends what it still runs', async () => {
    const id = await begin('short');
    process.kill(leaving.pid, 'SIGSTOP');
    const invocation = await endedElsewhere(id);
    expect(invocation).toMatchObject({ status: 'SUCCEEDED', attempt: 2, output: { stdout: 'done\n' } });
    process.kill(leaving.pid, 'SIGCONT');
    await leaving.says(/attempt 1, came too late|not ours any more/);
    expect(await show(id)).toEqual(invocation);
  });
});
