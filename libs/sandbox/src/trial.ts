import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { newOwner } from './processes/owner.js';
import { findExecutable } from './runtimes/find-executable.js';
import type { FunctionEnd, FunctionRun } from './runtimes/function-run.js';
import { ownPath } from './runtimes/launch.js';
import { runFunction } from './runtimes/run-function.js';
import type { Sandbox } from './sandbox.js';

const TIMEOUT_MS = 15_000;
const HANDLERS = {
  nodejs: ['index.mjs', 'export const handler = ({ n }) => n + 1'],
  python: ['index.py', 'def handler(event, context): return event["n"] + 1'],
} as const;
const TOOLS = ['ffmpeg', 'ffprobe'];

/**
 * Runs what functions rely on inside a new sandbox: a function of each runtime, ffmpeg and ffprobe. What this
 * machine has must work inside as it does outside, or the driver would break functions; what is to be hidden must
 * be, or it would protect from nothing. Returns what is wrong.
 */
export async function trial(sandbox: Sandbox): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), `spool-${newOwner()}-trial-`));
  try {
    writeFileSync(join(dir, 'hidden'), 'x');
    const problems = await Promise.all([
      handler(sandbox, 'nodejs', join(dir, 'nodejs')),
      ifOutside('python3', ['-c', '0'], () => handler(sandbox, 'python', join(dir, 'python'))),
      ...TOOLS.map((name) => ifOutside(name, ['-version'], () => tool(sandbox, name, join(dir, name)))),
      hides(sandbox, dir),
      ends(sandbox, join(dir, 'ends')),
    ]);
    return problems.filter((problem) => problem !== undefined);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function handler(sandbox: Sandbox, runtime: keyof typeof HANDLERS, dir: string) {
  const code = join(dir, 'code');
  mkdirSync(code, { recursive: true, mode: 0o755 });
  const [file, text] = HANDLERS[runtime];
  writeFileSync(join(code, file), text);
  const end = await run(sandbox, dir, { runtime, handler: 'index.handler', payload: { n: 1 } }, { code });
  return end.status === 'SUCCEEDED' && end.output === 2 ? undefined : `${runtime} functions do not run: ${why(end)}`;
}

async function tool(sandbox: Sandbox, name: string, dir: string) {
  const end = await run(sandbox, dir, { runtime: 'command', command: [name, '-version'] });
  return end.status === 'SUCCEEDED' ? undefined : `${name} does not run: ${why(end)}`;
}

/** The trial's own folder, with a file in it, stands for everything of ours. */
async function hides(sandbox: Sandbox, dir: string) {
  if (sandbox.driver === 'process') return undefined;
  const script = 'test ! -e "$0" && test ! -e /proc/$1/root && echo here > here';
  const end = await run(sandbox, join(dir, 'hides'), {
    runtime: 'command',
    command: ['sh', '-c', script, join(dir, 'hidden'), String(process.pid)],
  });
  return end.status === 'SUCCEEDED' ? undefined : `it hides nothing, or its folder cannot be written: ${why(end)}`;
}

/** Everything is found and killed, where the driver's words have put it: the daemon is up before the line comes. */
async function ends(sandbox: Sandbox, dir: string) {
  const script = 'trap "" TERM; setsid sleep 300 >/dev/null 2>&1 & echo up; sleep 300';
  const stop = new AbortController();
  const command = { runtime: 'command', command: ['sh', '-c', script], graceMs: 0 } as const;
  const end = await run(sandbox, dir, command, { stop });
  const kill = end.status === 'CANCELLED' ? end.usage.kill : undefined;
  return kill && kill.processesFound >= 3 && kill.processesLeft === 0
    ? undefined
    : `its processes are not found again: ${JSON.stringify(kill ?? why(end))}`;
}

interface TrialOptions {
  readonly code?: string;
  /** Aborted at the first line. */
  readonly stop?: AbortController;
}

async function run(
  sandbox: Sandbox,
  dir: string,
  given: Pick<FunctionRun, 'runtime'> & Partial<FunctionRun>,
  { code, stop }: TrialOptions = {},
): Promise<FunctionEnd> {
  const work = join(dir, 'work');
  mkdirSync(join(work, 'tmp'), { recursive: true });
  const whole: FunctionRun = {
    id: `trial-${basename(dir)}`,
    attempt: 1,
    name: 'trial',
    version: 1,
    environment: {},
    memoryMb: 256,
    payload: {},
    inputs: {},
    outputs: {},
    folders: { work, ...(code && { code }) },
    context: { namespace: 'trial' },
    timeoutMs: TIMEOUT_MS,
    graceMs: 100,
    ...given,
  };
  const onLine = () => (stop ? stop.abort('cancelled') : undefined);
  const { signal } = stop ?? new AbortController();
  return runFunction(sandbox, whole, { onLine, onProgress() {} }, signal);
}

const why = (end: FunctionEnd): string => ('cause' in end ? `${end.error} ${end.cause}`.slice(0, 500) : end.status);

type Problem = string | undefined;

/** What this machine does not have need not be there inside. */
async function ifOutside(name: string, args: readonly string[], act: () => Promise<Problem>): Promise<Problem> {
  const file = findExecutable(name, { path: ownPath(), dir: '/' });
  if (file === undefined) return undefined;
  const child = spawn(file, args, { stdio: 'ignore', timeout: TIMEOUT_MS });
  const [status] = await once(child, 'close').catch(() => [undefined]);
  return status === 0 ? act() : undefined;
}
