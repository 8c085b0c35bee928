import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import type { Assignment } from '@app/worker-api';
import { gateway, isRunning, nodejs, resultOf, until } from '../testing/executor-harness.js';
import { counting, isThere, warmly } from '../testing/warm.js';

/** A function that counts its calls; an instance of it serves four at the same time. */
const sharing = async (body = ''): Promise<Assignment['function']> => ({
  ...(await counting(body)),
  versionId: randomUUID(),
  instanceConcurrency: 4,
});

/** Until the instance has been told otherwise by another call. */
const MEETING = `globalThis.met ??= Promise.withResolvers?.() ?? (() => { const d = {}; d.promise = new Promise((r) => d.resolve = r); return d })();
  globalThis.count = (globalThis.count ?? 0) + 1; if (globalThis.count === event.of) globalThis.met.resolve(); await globalThis.met.promise;`;

const give = (version: Assignment['function'], payload: Assignment['payload'], more: Partial<Assignment> = {}) =>
  gateway.give({ function: version, payload, ...more });

describe('an instance that serves several calls at the same time', () => {
  it('has as many in hand as it may, and takes the room of one', async () => {
    await warmly({ SPOOL_EXECUTOR_SLOTS: '1', SPOOL_EXECUTOR_MEMORY_MB: '128' });
    const version = await sharing(MEETING);
    const tasks = [1, 2, 3, 4].map(() => give(version, { of: 4 }));
    const results = await Promise.all(tasks.map(resultOf));
    expect(results.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(
      new Set(results.map((result) => JSON.stringify(result)).map((text) => /"process":"([^"]+)/.exec(text)?.[1])).size,
    ).toBe(1);
    for (const { usage } of results) expect(usage.share).toBeLessThan(1);
    await until(() => gateway.instances.find(({ state, requests }) => state === 'idle' && requests === 4));
  });

  it('has no more than that: the next waits for a place', async () => {
    await warmly({ SPOOL_EXECUTOR_SLOTS: '1', SPOOL_EXECUTOR_MEMORY_MB: '128' });
    const version =
      await sharing(`globalThis.most = Math.max(globalThis.most ?? 0, globalThis.now = (globalThis.now ?? 0) + 1);
      await new Promise((r) => setTimeout(r, 20)); globalThis.now--; more.most = globalThis.most`);
    const results = await Promise.all(Array.from({ length: 10 }, () => resultOf(give(version, {}))));
    const most = results.map((result) =>
      result.status === 'SUCCEEDED' ? (result.output as { most: number }).most : 99,
    );
    expect(Math.max(...most)).toBeLessThanOrEqual(4);
    expect(Math.max(...most)).toBeGreaterThan(1);
  });

  it('gives each call its own lines, also those of its promises and of half a line', async () => {
    await warmly();
    const version =
      await sharing(`console.log('begin', event.name); ${MEETING} await null; console.error('after', event.name);
      process.stdout.write('half of '); await new Promise((r) => setTimeout(r, 5)); process.stdout.write(event.name)`);
    const tasks = ['a', 'b', 'c'].map((name) => ({ name, task: give(version, { name, of: 3 }) }));
    for (const { task } of tasks) expect(await resultOf(task)).toMatchObject({ status: 'SUCCEEDED' });
    for (const { name, task } of tasks)
      expect(gateway.linesOf.get(task.id)?.toSorted()).toEqual([`after ${name}`, `begin ${name}`, `half of ${name}`]);
  });

  it('serves python in threads', async () => {
    if (spawnSync('python3', ['-c', '0']).status !== 0) return;
    await warmly();
    const code = `import threading\nmeeting = threading.Barrier(3)\ndef handler(event, context):\n  print("begin", event["name"])\n  meeting.wait(30)\n  print("half", end="")\n  return {"id": context.aws_request_id, "left": context.get_remaining_time_in_millis() > 0}\n`;
    const digest = await gateway.addCode({ 'index.py': code });
    const version = { ...(await sharing()), runtime: 'python' as const, codeDigest: digest };
    const tasks = ['a', 'b', 'c'].map((name) => ({ name, task: give(version, { name }) }));
    for (const { name, task } of tasks) {
      expect(await resultOf(task)).toMatchObject({ status: 'SUCCEEDED', output: { id: task.id, left: true } });
      expect(gateway.linesOf.get(task.id)).toEqual([`begin ${name}`, 'half']);
    }
  });

  it('is metered once: what its calls took is no more than what it took', async () => {
    await warmly();
    const version = await sharing(
      `${MEETING} const end = process.cpuUsage().user + 100_000; while (process.cpuUsage().user < end); more.all = process.cpuUsage()`,
    );
    const results = await Promise.all([1, 2].map(() => resultOf(give(version, { of: 2 }))));
    const told = results.map(({ usage }) => usage.cpuMs);
    if (told.includes(undefined)) return; // No cgroup of processor time.
    const sum = told.reduce<number>((all, ms) => all + (ms ?? 0), 0);
    const taken = results.map((result) => {
      const { all } = (result.status === 'SUCCEEDED' ? result.output : {}) as unknown as { all: NodeJS.CpuUsage };
      return (all.user + all.system) / 1_000;
    });
    expect(sum).toBeGreaterThan(100);
    expect(sum).toBeLessThan(Math.max(...taken) * 1.5 + 250); // Of the process, as it sees itself; and the sandbox's start.
  });
});

describe('when one call of such an instance', () => {
  const BAD = `if (event.bad) { console.log('up'); await new Promise(() => setTimeout(() => {}, 90_000)) }
    if (event.slow) { console.log('up'); await new Promise((r) => setTimeout(r, event.slow)) }`;

  it('takes too long, it is killed and so is all of it, after the others had time to end', async () => {
    await warmly({ SPOOL_GRACE_SECONDS: '20' });
    const version = await sharing(BAD);
    const bad = give(version, { bad: true }, { timeoutSeconds: 0.7 });
    const good = give(version, { slow: 900 });
    expect(await resultOf(good)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await resultOf(bad)).toMatchObject({
      error: 'States.Timeout',
      usage: { ending: 'timeout', kill: { reason: 'timeout', processesLeft: 0, scratch: { freed: true } } },
    });
    expect(isThere(version)).toBe(false);
    expect(await resultOf(give(version, {}))).toMatchObject({ output: { n: 1 } });
  });

  it('is cancelled, what cannot end in time is cut off, and given back to be run again', async () => {
    await warmly();
    const version = await sharing(BAD);
    const bad = give(version, { bad: true });
    const cut = give(version, { bad: true });
    await until(() => gateway.linesOf.get(bad.id) && gateway.linesOf.get(cut.id));
    gateway.cancel.add(bad.id);
    gateway.wake();
    expect(await resultOf(bad)).toMatchObject({ status: 'CANCELLED', usage: { kill: { processesLeft: 0 } } });
    await until(() => gateway.handedBack.some(({ id }) => id === cut.id));
  });

  it('has cut off another for the fifth time, that one fails with an error of its own', async () => {
    await warmly();
    const version = await sharing(BAD);
    const bad = give(version, { bad: true });
    const cut = give(version, { bad: true }, { attempt: 5 });
    await until(() => gateway.linesOf.get(bad.id) && gateway.linesOf.get(cut.id));
    gateway.cancel.add(bad.id);
    gateway.wake();
    expect(await resultOf(cut)).toMatchObject({
      status: 'FAILED',
      error: 'Function.InstanceEnded',
      usage: { ending: 'sibling', kill: { reason: 'sibling', processesLeft: 0 } },
    });
    await resultOf(bad);
  });

  it('has an error that nobody catches, that one has it, and the others are not to blame', async () => {
    await warmly();
    const version = await sharing(`${MEETING} if (event.bad) setTimeout(() => { throw new RangeError('mine') }, 5);
      await new Promise((r) => setTimeout(r, 90_000))`);
    const bad = give(version, { bad: true, of: 2 });
    const other = give(version, { of: 2 }, { attempt: 5 });
    expect(await resultOf(bad)).toMatchObject({ error: 'RangeError' });
    expect(await resultOf(other)).toMatchObject({ error: 'Function.InstanceEnded' });
  });

  it('ends the process, nobody knows whose doing it was: all have the same error', async () => {
    await warmly();
    const version = await sharing(
      `${MEETING} if (event.bad) process.exit(3); await new Promise((r) => setTimeout(r, 90_000))`,
    );
    const tasks = [true, false].map((bad) => give(version, { bad, of: 2 }));
    for (const task of tasks) expect(await resultOf(task)).toMatchObject({ error: 'Function.Exited' });
  });

  it('leaves a process behind, it ends once nobody is served any more', async () => {
    await warmly();
    const mark = `7${Date.now()}`;
    const version = await sharing(`spawn('sleep', ['${mark}'], { detached: true, stdio: 'ignore' }).unref()`);
    expect(await resultOf(give(version, {}))).toMatchObject({ status: 'SUCCEEDED' });
    await until(() => !isRunning(mark) && !isThere(version));
  });

  it('cannot be begun because the handler cannot be loaded, all have that error', async () => {
    await warmly();
    const broken = { ...(await nodejs('throw new TypeError("no")')), versionId: randomUUID(), instanceConcurrency: 4 };
    const tasks = [1, 2].map(() => give(broken, {}));
    for (const task of tasks) expect(await resultOf(task)).toMatchObject({ error: 'TypeError' });
  });
});
