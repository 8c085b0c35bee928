import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { gateway, isRunning, nodejs, resultOf, until } from '../testing/executor-harness.js';
import { call, counting, isThere, run, statesOf, warmly } from '../testing/warm.js';

describe('a warm instance', () => {
  it('serves the next task of the same version, and what its module holds survives', async () => {
    await warmly();
    const version = await counting();
    const first = await call(version);
    expect(await call(version)).toMatchObject({ n: 2, process: first.process });
    expect(await call(version)).toMatchObject({ n: 3, process: first.process });
    expect(await call({ ...version, version: 2 })).toMatchObject({ n: 1 });
  });

  it('serves python too', async () => {
    if (spawnSync('python3', ['-c', '0']).status !== 0) return;
    await warmly();
    const code =
      'import os\nn = 0\ndef handler(event, context):\n  global n\n  n += 1\n  os.chdir("/")\n  return {"n": n, "id": os.environ["SPOOL_TASK_ID"] == context.aws_request_id}\n';
    const digest = await gateway.addCode({ 'index.py': code });
    const version = { ...(await nodejs('')), runtime: 'python' as const, codeDigest: digest };
    for (const n of [1, 2, 3]) expect(await call(version)).toMatchObject({ n, id: true });
  });

  it('stays when its handler throws', async () => {
    await warmly();
    const version = await counting('if (event.fails) throw new TypeError("no")');
    const first = await call(version);
    expect(await run(version, { payload: { fails: true } })).toMatchObject({ status: 'FAILED', error: 'TypeError' });
    expect(await call(version)).toMatchObject({ n: 3, process: first.process });
  });

  it('serves one task at a time: another one gets an instance of its own', async () => {
    await warmly();
    const version = await counting('await new Promise((r) => setTimeout(r, 300))');
    await call(version);
    const [a, b] = await Promise.all([call(version), call(version)]);
    expect(a.process).not.toBe(b.process);
    expect([a.n, b.n].toSorted()).toEqual([1, 2]);
  });

  it('stands still between tasks', async () => {
    await warmly();
    const version = await counting('setInterval(() => {}, 1)');
    await call(version);
    expect(statesOf(version)).toEqual(['T']);
  });

  it('is measured call by call', async () => {
    await warmly();
    const version = await counting('const end = Date.now() + event.ms; while (Date.now() < end);');
    const busy = await call(version, { payload: { ms: 700 } });
    const idle = await call(version, { payload: { ms: 0 } });
    expect(idle.process).toBe(busy.process);
    expect(idle.usage.cpuMs ?? 0).toBeLessThan(busy.usage.cpuMs ?? 1);
    expect(idle.usage.wallMs).toBeLessThan(busy.usage.wallMs);
  });
});

describe('a warm instance is not kept', () => {
  it.each([
    ['the second call takes too long', 'if (event.bad) for (;;);', 'States.Timeout'],
    ['it exits', 'if (event.bad) process.exit(3)', 'Function.Exited'],
    ['it crashes', 'if (event.bad) process.kill(process.pid, "SIGKILL")', 'Function.Crashed'],
    ['its answer cannot be told', 'if (event.bad) more.big = 1n', 'Function.InvalidResponse'],
    [
      'an error is caught by nobody',
      'if (event.bad) { Promise.reject(new RangeError()); await new Promise(() => setTimeout(() => {}, 9e3)) }',
      'RangeError',
    ],
  ])('when %s', async (_, body, error) => {
    await warmly();
    const version = await counting(body);
    await call(version);
    const bad = await run(version, { payload: { bad: true }, timeoutSeconds: 0.7 });
    expect(bad).toMatchObject({ error });
    if (error === 'States.Timeout')
      expect(bad.usage.kill).toMatchObject({
        reason: 'timeout',
        processesLeft: 0,
        scratch: { freed: true },
      });
    expect(isThere(version)).toBe(false);
    expect(await call(version)).toMatchObject({ n: 1 });
  });

  it('when its task is cancelled', async () => {
    await warmly();
    const version = await counting(
      'if (event.bad) { console.log("up"); await new Promise(() => setTimeout(() => {}, 9e3)) }',
    );
    await call(version);
    const task = gateway.give({ function: version, payload: { bad: true } });
    await until(() => gateway.linesOf.get(task.id));
    gateway.cancel.add(task.id);
    gateway.wake();
    expect(await resultOf(task)).toMatchObject({ status: 'CANCELLED', usage: { kill: { processesLeft: 0 } } });
    expect(isThere(version)).toBe(false);
  });

  it('when a process of the call is left, which ends with it', async () => {
    await warmly();
    const mark = `6${Date.now()}`;
    const version = await counting(`spawn('sleep', ['${mark}'], { detached: true, stdio: 'ignore' }).unref()`);
    const first = await call(version);
    expect(first.usage.kill).toMatchObject({ reason: 'leftovers', processesFound: 1, processesLeft: 0 });
    expect(isRunning(mark)).toBe(false);
    expect(isThere(version)).toBe(false);
    expect(await call(version)).toMatchObject({ n: 1 });
  });

  it('when it has put something else in the place of its tmp', async () => {
    await warmly();
    const version = await counting(
      'fs.renameSync("tmp", "other"); fs.mkdirSync("prey"); fs.symlinkSync("prey", "tmp")',
    );
    await call(version);
    await until(() => !isThere(version));
    expect(await call(version)).toMatchObject({ n: 1 });
  });

  it('at all where the time is 0', async () => {
    await warmly({ SPOOL_WARM_IDLE_SECONDS: '0' });
    const version = await counting();
    await call(version);
    expect(isThere(version)).toBe(false);
    expect(await call(version)).toMatchObject({ n: 1 });
  });
});
