import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { OutputBudget, ProcessSandbox, readLines, type SandboxLimits, type StopReason, supervise } from './index.js';
import { livingWith, newToken } from '../testing/living-with.js';

interface Run {
  readonly argv?: readonly string[];
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  readonly limits?: SandboxLimits;
  readonly maxBytes?: number;
  readonly onLine?: () => void;
  readonly answered?: Promise<unknown>;
  /** By what it has printed: its time begins then, however long it took to get there. */
  readonly isReady?: (lines: readonly string[]) => boolean;
}

const never = new AbortController().signal;
const folders: string[] = [];

/** Runs a shell script whose `$T` is the token, and looks for survivors the moment `supervise` returns. */
async function run(sandbox: ProcessSandbox, script: string, options: Run = {}) {
  const token = newToken();
  const work = mkdtempSync(join(tmpdir(), 'spool-supervise-'));
  folders.push(work);
  const instance = await sandbox.start({
    id: `test-${token}`,
    argv: options.argv ?? ['sh', '-c', `T=${token}; ${script}`, token],
    env: { PATH: process.env.PATH ?? '' },
    folders: { work },
    limits: options.limits ?? {},
  });
  const lines: string[] = [];
  const { isReady = () => true } = options;
  let look: (() => void) | undefined;
  const ready = new Promise<void>((resolve) => (look = () => isReady(lines) && resolve()));
  const budget = new OutputBudget(options.maxBytes ?? 1e6);
  for (const name of ['stdout', 'stderr'] as const) {
    readLines(instance[name], name, budget, (stream, line) => {
      lines.push(`${stream}: ${line}`);
      options.onLine?.();
      look?.();
    });
  }
  look?.();
  await Promise.race([ready, instance.exited]);
  const { timeoutMs = 10_000, graceMs = 150, signal = never, answered } = options;
  const ended = await supervise(instance, { timeoutMs, graceMs, signal, ...(answered && { answered }) });
  return { ...ended, lines, survivors: livingWith(token), kill: ended.usage.kill };
}

const available = new ProcessSandbox();
const controllers = available.controllers;
const searching = new ProcessSandbox({ cgroups: 'never' });
const drivers = [
  ...(controllers ? [['with a cgroup', available] as const] : []),
  ['without a cgroup', searching] as const,
];
const isUp = (lines: readonly string[]) => lines.includes('stdout: up');
const isCut = (line: string) => line.includes('cut off after 100000 bytes');
const signalsOf = (kill: { signals: { signal: string }[] } | undefined) => kill?.signals.map(({ signal }) => signal);

afterAll(async () => {
  await available.close();
  await searching.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe.each(drivers)('supervise, process sandbox %s: stopping', (_, sandbox) => {
  it('reports the exit code, the lines and no kill when nothing was left', async () => {
    const ended = await run(sandbox, 'echo out; echo err >&2; printf last; exit 3');
    expect(ended).toMatchObject({ how: 'exit', exit: { code: 3, signal: null }, kill: undefined });
    expect(ended.lines.toSorted()).toEqual(['stderr: err', 'stdout: last', 'stdout: out']);
  });

  it('ends a busy loop at its timeout, kindly when it listens', async () => {
    const ended = await run(sandbox, 'echo up; while :; do :; done', { timeoutMs: 100, isReady: isUp });
    expect(ended).toMatchObject({ how: 'timeout', exit: { signal: 'SIGTERM' }, survivors: [] });
    expect(ended.kill).toMatchObject({ reason: 'timeout', processesFound: 1, processesLeft: 0 });
    expect(signalsOf(ended.kill)).toEqual(['SIGTERM']);
  });

  it('kills a program that ignores SIGTERM after the grace', async () => {
    const script = 'trap "" TERM INT HUP; echo up; while :; do sleep 0.01; done';
    const ended = await run(sandbox, script, { timeoutMs: 100, isReady: isUp });
    expect(ended).toMatchObject({ how: 'timeout', exit: { signal: 'SIGKILL' }, survivors: [] });
    expect(signalsOf(ended.kill)).toEqual(['SIGTERM', 'SIGKILL']);
    expect(ended.kill!.signals[1]!.atMs - ended.kill!.signals[0]!.atMs).toBeGreaterThanOrEqual(140);
  });

  it('lets a program finish its file within the grace', async () => {
    const ended = await run(sandbox, 'trap "echo saved; exit 0" TERM; echo up; while :; do sleep 0.01; done', {
      isReady: isUp,
      timeoutMs: 100,
      graceMs: 600_000, // Longer than the test may take: nobody waits for the whole of it.
    });
    expect(ended).toMatchObject({ how: 'timeout', exit: { code: 0 }, survivors: [] });
    expect(ended.lines).toContain('stdout: saved');
  });

  it('lets a stopped program act on the request to end', async () => {
    const script = 'trap "echo saved; exit 0" TERM; echo up; kill -STOP $$; while :; do sleep 0.01; done';
    const ended = await run(sandbox, script, { timeoutMs: 150, graceMs: 600_000, isReady: isUp });
    expect(ended).toMatchObject({ how: 'timeout', exit: { code: 0 } });
    expect(ended.lines).toContain('stdout: saved');
  });
});

describe.each(drivers)('supervise, process sandbox %s: what a program leaves', (_, sandbox) => {
  it('kills a tree of processes to the last leaf', async () => {
    const tree = 'grow() { [ $1 = 0 ] && echo up && exec sleep $T; grow $(($1-1)) & grow $(($1-1)) & wait; }; grow 3';
    const ended = await run(sandbox, tree, { timeoutMs: 400, graceMs: 0, isReady: (lines) => lines.length === 8 });
    expect(ended.survivors).toEqual([]);
    expect(ended.kill!.processesFound).toBeGreaterThanOrEqual(8);
    expect(ended.kill!.processesLeft).toBe(0);
  });

  it('kills a daemon in a session of its own', async () => {
    const script = '(setsid sleep $T >/dev/null 2>&1 &) ; sleep $T & echo up; wait';
    const ended = await run(sandbox, script, { timeoutMs: 200, isReady: isUp });
    expect(ended).toMatchObject({ how: 'timeout', survivors: [] });
    expect(ended.kill!.processesFound).toBe(3); // The shell, its sleep and the daemon.
  });

  it('kills the daemon that a program left when it exited with 0', async () => {
    const ended = await run(sandbox, '(setsid sleep $T >/dev/null 2>&1 &); exit 0');
    expect(ended).toMatchObject({ how: 'exit', exit: { code: 0 }, survivors: [] });
    expect(ended.kill).toMatchObject({ reason: 'leftovers', processesFound: 1, processesLeft: 0 });
  });

  it('does not wait for a grandchild that holds the pipes', async () => {
    const ended = await run(sandbox, 'setsid sleep $T & echo bye; exit 0');
    expect(ended).toMatchObject({ how: 'exit', lines: ['stdout: bye'], survivors: [] });
  });

  it('kills a stopped process', async () => {
    const ended = await run(sandbox, 'trap "" TERM; echo up; kill -STOP $$; while :; do sleep 0.01; done', {
      isReady: isUp,
      timeoutMs: 150,
      graceMs: 50,
    });
    expect(ended).toMatchObject({ how: 'timeout', exit: { signal: 'SIGKILL' }, survivors: [] });
  });

  it('is not held up by zombies', async () => {
    const script = 'for i in 1 2 3 4 5 6 7 8 9; do true & done; echo up; exec sleep $T';
    const ended = await run(sandbox, script, { timeoutMs: 200, isReady: isUp });
    expect(ended).toMatchObject({ how: 'timeout', survivors: [], kill: { processesFound: 1, processesLeft: 0 } });
  });
});

describe.each(drivers)('supervise, process sandbox %s: what goes in and out', (_, sandbox) => {
  it('drops a flood of output without holding it', async () => {
    const before = process.memoryUsage().rss;
    const ended = await run(sandbox, 'yes 0123456789 & yes 0123456789 | tr -d "\\n"', {
      isReady: (lines) => lines.some(isCut),
      timeoutMs: 700,
      maxBytes: 100_000,
    });
    const bytes = ended.lines.reduce((sum, line) => sum + line.length, 0);
    expect(bytes).toBeLessThan(250_000);
    expect(ended.lines.filter(isCut)).toHaveLength(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    expect(ended.survivors).toEqual([]);
  });

  it('gives a program that reads its input an end of file', async () => {
    expect(await run(sandbox, 'cat; echo read')).toMatchObject({ how: 'exit', lines: ['stdout: read'] });
  });

  it('kills when it is cancelled, before and after the start of the work', async () => {
    const stop = new AbortController();
    const cancelled = run(sandbox, 'trap "" TERM; echo up; sleep $T & wait; sleep $T', {
      signal: stop.signal,
      onLine: () => stop.abort('cancelled' satisfies StopReason),
    });
    expect(await cancelled).toMatchObject({
      how: 'cancelled',
      survivors: [],
      kill: { reason: 'cancelled', processesLeft: 0 },
    });
    expect(await run(sandbox, 'sleep $T', { signal: AbortSignal.abort('shutdown') })).toMatchObject({
      how: 'shutdown',
      survivors: [],
    });
  });

  it('tells a crash from an exit', async () => {
    expect(await run(sandbox, 'kill -SEGV $$')).toMatchObject({ how: 'crashed', exit: { signal: 'SIGSEGV' } });
  });
});

describe.each(drivers)('supervise, process sandbox %s: the end and the start', (_, sandbox) => {
  it('ends a program that has answered, and counts only what it did not say', async () => {
    const quiet = await run(sandbox, 'sleep $T', { argv: ['sleep', '1000'], answered: sleep(50) });
    expect(quiet).toMatchObject({ how: 'answered', kill: undefined });
    const script = 'sleep $T & echo up; sleep $T';
    const noisy = await run(sandbox, script, { answered: Promise.resolve(), isReady: isUp });
    expect(noisy).toMatchObject({ how: 'answered', survivors: [], kill: { reason: 'leftovers' } });
  });

  it('kills a program that forks faster than it is asked to stop', async () => {
    const restarting = 'trap "" TERM; again() { sleep 0.02; again & }; again; again; sleep $T';
    expect(await run(sandbox, restarting, { timeoutMs: 200, graceMs: 50 })).toMatchObject({
      survivors: [],
      kill: { processesLeft: 0 },
    });
  });

  it('gives only the environment that was asked for', async () => {
    process.env.SPOOL_TEST_SECRET = 'do not tell';
    const { lines } = await run(sandbox, '', { argv: ['env'] });
    delete process.env.SPOOL_TEST_SECRET;
    const names = lines
      .map((line) => line.replace(/^stdout: (\w+)=.*/, '$1'))
      .filter((name) => !/^(PWD|OLDPWD|SHLVL|_)$/.test(name));
    expect(names.toSorted()).toEqual(['PATH', 'SPOOL_SANDBOX']);
  });

  it('rejects when the working folder does not exist', async () => {
    const spec = { id: 'nowhere', argv: ['true'], env: {}, folders: { work: '/does/not/exist' }, limits: {} };
    await expect(sandbox.start(spec)).rejects.toMatchObject({ code: 'sandbox_not_started' });
  });
});

/** What a machine cannot do the sandbox says of itself: one of the two is always true. */
const has = (controller: string) => controllers?.includes(controller) ?? false;
const says = (weakness: RegExp) => available.weaknesses.some((sentence) => weakness.test(sentence));

describe('supervise with what this machine has', () => {
  it('kills a daemon that cleared its environment, or says that one can outlive its task', async () => {
    const ended = await run(available, '(setsid env -i sleep $T >/dev/null 2>&1 &); exit 0');
    for (const pid of ended.survivors) process.kill(pid, 'SIGKILL');
    expect(ended.how).toBe('exit');
    expect(ended.survivors.length > 0 ? says(/can outlive its task/) : true).toBe(true);
    expect(ended.kill?.processesFound ?? 0).toBe(1 - ended.survivors.length);
    expect(says(/can outlive its task/)).toBe(controllers === undefined);
  });

  it('holds a fork bomb to its limit, or says that it cannot, and kills it', async () => {
    const isLimited = has('pids');
    expect(says(/number of processes is not limited/)).toBe(!isLimited);
    const lines = [
      'import os, signal, time',
      'signal.signal(signal.SIGTERM, signal.SIG_IGN)',
      `while ${isLimited ? 'True' : 'False'}:`,
      ' try: os.fork()',
      ' except OSError: os.write(1, b"full\\n")',
      'for _ in range(5): os.fork()',
      'os.write(1, b"full\\n")',
      'time.sleep(1000)',
    ];
    const stop = new AbortController();
    const ended = await run(available, `exec python3 -c '${lines.join('\n')}' $T`, {
      signal: stop.signal,
      onLine: () => stop.abort('cancelled' satisfies StopReason),
      graceMs: 0,
      limits: { pids: 40 },
    });
    expect(ended.kill!.processesFound).toBeGreaterThan(isLimited ? 20 : 1);
    expect(ended).toMatchObject({ how: 'cancelled', survivors: [], kill: { processesLeft: 0 } });
  });

  it('tells out of memory from a crash, with the peak, or says that memory is not limited', async () => {
    expect(says(/memory limits are not enforced/)).toBe(!has('memory'));
    const hog = `const all = []; for (let mb = 0; mb < 200; mb++) all.push(Buffer.alloc(1 << 20, 1))`;
    const ended = await run(available, '', { argv: [process.execPath, '-e', hog], limits: { memoryBytes: 100e6 } });
    const peak = ended.usage.peakMemoryBytes ?? 95e6;
    expect({ how: ended.how, isAtItsLimit: peak > 90e6 && peak < 101e6 }).toEqual({
      how: has('memory') ? 'oom' : 'exit',
      isAtItsLimit: true,
    });
  });
});

describe('supervise without a cgroup', () => {
  it('is not held up by a daemon that it cannot find', async () => {
    const script =
      'setsid -f env -i sh -c "echo > ready; exec sleep $T"; while [ ! -f ready ]; do sleep 0.01; done; echo bye';
    const ended = await run(searching, script);
    expect(ended).toMatchObject({ how: 'exit', lines: ['stdout: bye'] });
    for (const pid of ended.survivors) process.kill(pid, 'SIGKILL'); // What this driver says of itself is true.
    expect(ended.survivors).toHaveLength(1);
  });
});
