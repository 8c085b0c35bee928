import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Assignment } from '@app/worker-api';
import {
  command,
  foldersLeft,
  gateway,
  isRunning,
  nodejs,
  resultOf,
  shell,
  startExecutor,
  stopExecutor,
  until,
  workDir,
} from '../testing/executor-harness.js';

const counted = (seconds: number) => shell(`echo +; sleep ${seconds}; echo -`);

describe('an executor', () => {
  it('runs a function and tells its result, its lines and its progress', async () => {
    const task = gateway.give({
      function: await nodejs(`export const handler = async ({ n }, { progress }) => {
        console.log('working'); await progress({ percent: 40 }); await new Promise((r) => setTimeout(r, 700)); return { n: n + 1 } }`),
      payload: { n: 1 },
    });
    expect(await resultOf(task)).toMatchObject({
      id: task.id,
      attempt: 1,
      status: 'SUCCEEDED',
      output: { n: 2 },
      outputs: [],
    });
    expect(gateway.lines).toMatchObject([{ stream: 'stdout', line: 'working' }]);
    expect(gateway.progress).toContain(40);
    await until(() => foldersLeft().length === 0);
  });

  it('tells a result at once, though it waits for more work', async () => {
    await until(() => gateway.requests.includes('poll'));
    const before = gateway.waitedInVain;
    await resultOf(gateway.give({ function: command('true') }));
    expect(gateway.waitedInVain).toBe(before);
  });

  it('runs as many tasks at a time as it has slots', async () => {
    const tasks = [gateway.give({ function: counted(600) }), gateway.give({ function: counted(600) })];
    await until(() => gateway.lines.length === 2);
    for (const { id } of tasks) gateway.cancel.add(id);
    gateway.wake();
    for (const task of tasks) expect(await resultOf(task)).toMatchObject({ status: 'CANCELLED' });
  });

  it('runs them all in the end', async () => {
    const tasks = Array.from({ length: 7 }, () => gateway.give({ function: shell('echo $$; sleep 0.05') }));
    for (const task of tasks) expect(await resultOf(task)).toMatchObject({ status: 'SUCCEEDED' });
    expect(gateway.taken).toHaveLength(7);
  });

  it('never takes more than fits, whichever of its requests brings it', async () => {
    const long = gateway.give({ function: counted(0.5) });
    await until(() => gateway.lines.length > 0); // One slot is taken; the other is offered by a request that waits.
    const later: Assignment[] = [];
    gateway.refuses = (route, body) => {
      const isEnd = route === 'poll' && body.includes('SUCCEEDED') && later.length === 0;
      if (isEnd) later.push(...Array.from({ length: 5 }, () => gateway.give({ function: counted(0.1) }, 'silently')));
      return undefined;
    };
    await resultOf(long);
    gateway.wake();
    for (const task of later) await resultOf(task);
    let atOnce = 0;
    const counts = gateway.lines
      .toSorted((a, b) => a.atMs - b.atMs || Number(a.line === '+') - Number(b.line === '+'))
      .map(({ line }) => (atOnce += line === '+' ? 1 : -1));
    expect(Math.max(...counts)).toBeLessThanOrEqual(2);
  });

  it('kills a task that is cancelled', async () => {
    const mark = `4${Date.now()}`;
    const task = gateway.give({ function: shell(`trap "" TERM; (setsid sleep ${mark} &); echo up; sleep ${mark}`) });
    await until(() => gateway.lines.length > 0);
    gateway.cancel.add(task.id);
    gateway.wake();
    expect(await resultOf(task)).toMatchObject({
      status: 'CANCELLED',
      error: 'Task.Cancelled',
      usage: { kill: { reason: 'cancelled', processesLeft: 0 } },
    });
    expect(isRunning(mark)).toBe(false);
  });

  it('tells a timeout as such', async () => {
    const task = gateway.give({ function: shell('sleep 100'), timeoutSeconds: 0.2 });
    expect(await resultOf(task)).toMatchObject({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
      usage: { kill: { reason: 'timeout' } },
    });
  });
});

describe('an executor through trouble', () => {
  it('delivers a result once, though the answer to it was lost', async () => {
    let broken = 0;
    gateway.breaks = (route, body) => route === 'poll' && body.includes('SUCCEEDED') && broken++ < 2;
    const task = gateway.give({ function: command('echo', '"x"') });
    await resultOf(task);
    const next = gateway.give({ function: command('echo', '"y"') });
    expect(await resultOf(next)).toMatchObject({ output: { stdout: 'y' } });
    expect(broken).toBeGreaterThanOrEqual(2);
    expect(gateway.taken.map(({ id }) => id)).toEqual([task.id, next.id]);
  });

  it('keeps a result until a gateway that fails has taken it', async () => {
    let failures = 3;
    gateway.refuses = (route, body) =>
      route === 'poll' && body.includes('SUCCEEDED') && failures-- > 0 ? 503 : undefined;
    const tasks = [gateway.give({ function: command('true') }), gateway.give({ function: command('true') })];
    for (const task of tasks) expect(await resultOf(task)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('runs a task once, though the answer that brought it was lost and it comes again', async () => {
    let broken = 0;
    gateway.breaks = (route) =>
      route === 'poll' && [...gateway.tasks.values()].some(({ isGiven }) => isGiven) && broken++ === 0;
    const task = gateway.give({ function: shell('echo ran; sleep 1') });
    await until(() => gateway.lines.length > 0);
    gateway.tasks.get(task.id)!.isGiven = false; // Given a second time while it runs.
    gateway.wake();
    await resultOf(task);
    expect(broken).toBeGreaterThan(0);
    expect(gateway.lines.map(({ line }) => line)).toEqual(['ran']);
  });

  it('keeps a task running while the gateway is away, and tells it later', async () => {
    const task = gateway.give({ function: shell('echo up; sleep 0.3; echo done') });
    await until(() => gateway.lines.length > 0);
    gateway.isDown = true;
    gateway.breakConnections();
    await sleep(800);
    expect(gateway.tasks.get(task.id)?.result).toBeUndefined();
    gateway.isDown = false;
    expect(await resultOf(task)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('registers again with a gateway that has forgotten it', async () => {
    await resultOf(gateway.give({ function: command('true') }));
    gateway.executors = new Set();
    gateway.breakConnections();
    expect(await resultOf(gateway.give({ function: command('true') }))).toMatchObject({ status: 'SUCCEEDED' });
    expect(gateway.executors.size).toBe(1);
  });

  it('turns a result that the gateway cannot take into a failure, and holds up no other', async () => {
    gateway.refuses = (route, body) =>
      route === 'poll' && body.includes('poison') && body.includes('SUCCEEDED') ? 400 : undefined;
    const poisoned = gateway.give({ function: command('echo', 'poison') });
    const good = gateway.give({ function: command('echo', 'good') });
    expect(await resultOf(good)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await resultOf(poisoned)).toMatchObject({ status: 'FAILED', error: 'Function.InvalidResponse' });
  });

  it('reports nothing of what a shutdown ended, and leaves no process and no folder', async () => {
    const mark = `5${Date.now()}`;
    gateway.give({ function: shell(`trap "" TERM; (setsid sleep ${mark} &); echo up; sleep ${mark}`) });
    await until(() => gateway.lines.length > 0);
    await stopExecutor();
    expect(gateway.taken).toEqual([]);
    expect(isRunning(mark)).toBe(false);
    expect(readdirSync(join(workDir, 'tasks'))).toEqual([]);
    await startExecutor();
  });

  it('lets a task finish that ends in time when it is stopped', async () => {
    await stopExecutor();
    await startExecutor({ SPOOL_DRAIN_SECONDS: '10' });
    const task = gateway.give({ function: shell('echo up; sleep 0.3') });
    await until(() => gateway.lines.length > 0);
    await stopExecutor();
    expect(gateway.tasks.get(task.id)?.result).toMatchObject({ status: 'SUCCEEDED' });
    await startExecutor();
  });
});
