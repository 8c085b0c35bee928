import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from '@app/common';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createEngine();
  await engine.functions.deploy('default', {
    name: 'f',
    runtime: 'nodejs',
    memoryMb: 512,
    files: { 'index.mjs': 'export const handler = () => 1' },
  });
});
afterAll(() => engine.close());
beforeEach(async () => {
  await engine.database.query(sql`truncate usage_day, usage_entry`);
  await engine.database.query(sql`delete from task`);
  await engine.usage.rollUp(0);
});

const days = { from: '2000-01-01', to: '2100-01-01' };
const used = async (namespace = 'default') => (await engine.usage.list(namespace, days)).days;

async function run(usage: Record<string, unknown> = {}, status = 'SUCCEEDED'): Promise<string> {
  const { id } = await engine.invocations.invoke('default', 'f', { input: {} });
  const [task] = (await engine.claim()).filter((claimed) => claimed.id === id);
  if (!task) throw new Error('not claimed');
  await engine.answer(task, 1);
  await engine.database.query(sql`
    update task set status = ${status}, report = ${JSON.stringify({ usage: { wallMs: 2_000, ...usage } })}::jsonb
    where id = ${id}`);
  return id;
}

describe('usage', () => {
  it('adds up, by day and function, what ended', async () => {
    await run({
      cpuMs: 500,
      peakMemoryBytes: 256 * 1_048_576,
      bytesIn: 10,
      bytesOut: 20,
      eventBytes: 3,
      resultBytes: 4,
      gpuMs: 2_000,
    });
    await run({ cpuMs: 100 }, 'FAILED');
    await engine.usage.rollUp(0);
    expect(await used()).toEqual([
      {
        day: new Date().toISOString().slice(0, 10),
        function: 'f',
        invocations: 2,
        failures: 1,
        wallMs: 4_000,
        cpuMs: 600,
        gpuMs: 2_000,
        reservedMbMs: 512 * 4_000,
        usedMbMs: 256 * 2_000,
        bytesIn: 10,
        bytesOut: 20,
        eventBytes: 3,
        resultBytes: 4,
      },
    ]);
    expect(await used('spool')).toEqual([]);
  });

  it('counts the memory of an instance once that served several at the same time', async () => {
    for (const share of [0.25, 0.75]) await run({ share, peakMemoryBytes: 100 * 1_048_576 });
    await engine.usage.rollUp(0);
    expect(await used()).toMatchObject([{ wallMs: 4_000, reservedMbMs: 512 * 2_000, usedMbMs: 100 * 2_000 }]);
  });

  it('counts each run once, however often and by how many it is rolled up', async () => {
    await run();
    await Promise.all([engine.usage.rollUp(0), engine.usage.rollUp(0), engine.usage.rollUp(0)]);
    await run();
    await engine.usage.rollUp(0);
    await engine.usage.rollUp(0);
    expect(await used()).toMatchObject([{ invocations: 2 }]);
  });

  it('counts no run again because of a transaction that is open', async () => {
    await run();
    await engine.usage.rollUp(0);
    const turns = new EventEmitter();
    const [isOpen, mayCommit] = [once(turns, 'open'), once(turns, 'commit')];
    const open = engine.database.transaction(async () => {
      await engine.database.query(sql`select`);
      turns.emit('open');
      await mayCommit;
    });
    await isOpen;
    await engine.usage.rollUp(0);
    turns.emit('commit');
    await open;
    await engine.usage.rollUp(0);
    expect(await used()).toMatchObject([{ invocations: 1 }]);
  });

  it('counts nothing that is not kept, when it dies in the middle', async () => {
    await run();
    const dies = engine.database.transaction(async () => {
      await engine.usage.rollUp(0);
      throw new Error('killed');
    });
    await expect(dies).rejects.toThrow('killed');
    expect(await used()).toEqual([]);
    await engine.usage.rollUp(0);
    expect(await used()).toMatchObject([{ invocations: 1 }]);
  });

  it('does not pass by a run whose end is written and not yet committed', async () => {
    await engine.database.query(sql`update usage_mark set rolled_up_to = now() - interval '1 min'`);
    const late = await run();
    const turns = new EventEmitter();
    const [isWritten, mayCommit] = [once(turns, 'written'), once(turns, 'commit')];
    const slow = engine.database.transaction(async () => {
      await engine.database.query(sql`update task set ended_at = now() - interval '10 s' where id = ${late}`);
      turns.emit('written');
      await mayCommit;
    });
    await isWritten;
    await run();
    await engine.usage.rollUp(0); // The other one ended later, so it waits too.
    expect(await used()).toEqual([]);
    turns.emit('commit');
    await slow;
    await engine.usage.rollUp(0);
    expect(await used()).toMatchObject([{ invocations: 2 }]);
  });

  it('waits for what is told of a run after its end', async () => {
    await run();
    await engine.usage.rollUp(30);
    expect(await used()).toEqual([]);
  });

  it('counts what never ran as nothing, and what was killed without a word by its time', async () => {
    await engine.invocations.invoke('default', 'f', { input: {} });
    await engine.database.query(sql`update task set status = 'CANCELLED', ended_at = now() where status = 'QUEUED'`);
    const killed = await run();
    await engine.database.query(sql`
      update task set report = null, status = 'TIMED_OUT', started_at = ended_at - interval '7 s' where id = ${killed}`);
    await engine.usage.rollUp(0);
    expect(await used()).toMatchObject([{ invocations: 1, failures: 1, wallMs: 7_000 }]);
  });

  it('takes what is no task too, with the transaction of who tells it', async () => {
    const entry = { namespace: 'default', function: 'g', endedAt: new Date(), failed: false, wallMs: 5, memoryMb: 100 };
    await engine.usage.record([entry, { ...entry, failed: true, usedMb: 50, eventBytes: 8, resultBytes: 9 }]);
    await engine.database
      .transaction(async () => {
        await engine.usage.record([entry]);
        throw new Error('rolled back');
      })
      .catch(() => {});
    await engine.usage.rollUp(0);
    await engine.usage.rollUp(0);
    expect(await used()).toMatchObject([
      { function: 'g', invocations: 2, failures: 1, wallMs: 10, usedMbMs: 250, eventBytes: 8, resultBytes: 9 },
    ]);
  });

  it('outlives the function', async () => {
    await engine.functions.deploy('default', { name: 'short', runtime: 'command', command: ['true'] });
    const { id } = await engine.invocations.invoke('default', 'short', { input: {} });
    const [task] = (await engine.claim()).filter((claimed) => claimed.id === id);
    if (task) await engine.answer(task, 1);
    await engine.functions.delete('default', 'short');
    await engine.usage.rollUp(0);
    expect(await used()).toMatchObject([{ function: 'short', invocations: 1 }]);
  });
});
