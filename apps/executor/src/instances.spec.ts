import { describe, expect, it } from '@jest/globals';
import type { Assignment } from '@app/worker-api';
import { command, gateway, resultOf, shell, until } from '../testing/executor-harness.js';
import { call, counting, isThere, run, warmly } from '../testing/warm.js';

const versionId = '0199a000-0000-7000-8000-000000000001';

/** Ends what would go on for longer than anybody looks. */
async function cancel(task: Assignment): Promise<void> {
  gateway.cancel.add(task.id);
  gateway.wake();
  expect(await resultOf(task)).toMatchObject({ status: 'CANCELLED' });
}

describe('what the executor says of its instances', () => {
  it('has one that waits: whose it is, of which version, how old, and how often it has served', async () => {
    await warmly();
    const version = { ...(await counting()), versionId };
    await call(version);
    await call(version);
    const idle = await until(() => gateway.instances.find(({ state, requests }) => state === 'idle' && requests === 2));
    expect(idle).toMatchObject({
      namespace: 'default',
      function: 'f',
      version: 1,
      versionId,
      runtime: 'nodejs',
      tasks: [],
    });
    expect(idle.ageMs).toBeGreaterThanOrEqual(idle.idleMs ?? 0);
    expect(idle.memoryMb).toBe(128);
  });

  it('has the task that one serves', async () => {
    await warmly();
    const version = await counting('await new Promise((r) => setTimeout(r, event.ms))');
    await call(version, { payload: { ms: 0 } });
    const task = gateway.give({ function: version, payload: { ms: 600_000 } });
    await until(() => gateway.instances.some(({ state, tasks }) => state === 'busy' && tasks[0] === task.id));
    await cancel(task);
  });

  it('has a command while it runs, and no longer', async () => {
    const task = gateway.give({ function: shell('sleep 600') });
    await until(() => gateway.instances.some(({ runtime, tasks }) => runtime === 'command' && tasks[0] === task.id));
    await cancel(task);
    await until(() => gateway.instances.length === 0);
    await resultOf(gateway.give({ function: command('true') }));
  });

  it('has the last error, and what the kernel counts where it does', async () => {
    await warmly();
    const version = await counting('if (event.fails) throw new TypeError("no")');
    await run(version, { payload: { fails: true } });
    const idle = await until(() => gateway.instances.find(({ state, lastError }) => state === 'idle' && lastError));
    expect(idle.lastError).toBe('TypeError');
    if (idle.cpuMs !== undefined) expect(idle.cpuMs).toBeGreaterThan(0);
  });

  it('comes with what no task holds, whichever exchange offers it', async () => {
    await warmly();
    const version = await counting('await new Promise((r) => setTimeout(r, event.ms))');
    const task = gateway.give({ function: version, payload: { ms: 600_000 } });
    await until(() => gateway.spare?.memoryMb === 1_024 - 128);
    await cancel(task);
    await until(() => gateway.spare?.memoryMb === 1_024);
  });

  it('forgets one that has gone', async () => {
    await warmly({ SPOOL_WARM_IDLE_SECONDS: '1' });
    const version = await counting();
    await call(version);
    await until(() => gateway.instances.length === 1);
    await until(() => !isThere(version));
    await until(() => gateway.instances.length === 0);
  });
});
