import { readdirSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import type { Assignment, TaskResult, Usage } from '@app/worker-api';
import { gateway, nodejs, resultOf, startExecutor, stopExecutor } from './executor-harness.js';

type Version = Assignment['function'];

interface Seen {
  /** Calls that the process has served. */
  readonly n: number;
  /** Another one in each process. */
  readonly process: string;
  readonly [more: string]: unknown;
}

/** A function that counts its calls, and does this before it answers with `more`; no other has its environment. */
export const counting = async (body = ''): Promise<Version> => ({
  ...(await nodejs(`import fs from 'node:fs'; import { spawn } from 'node:child_process';
    let n = 0; const id = crypto.randomUUID();
    export const handler = async (event, context) => { n++; const more = {}; ${body}; return { n, process: id, ...more } }`)),
  environment: { MARK: randomUUID() },
});

export async function warmly(env: Record<string, string> = {}): Promise<void> {
  await stopExecutor();
  await startExecutor({ SPOOL_WARM_IDLE_SECONDS: '60', SPOOL_EXECUTOR_MEMORY_MB: '1024', ...env });
}

export const run = (version: Version, task: Partial<Assignment> = {}): Promise<TaskResult> =>
  resultOf(gateway.give({ function: version, ...task }));

export async function call(version: Version, task: Partial<Assignment> = {}): Promise<Seen & { usage: Usage }> {
  const result = await run(version, task);
  if (result.status !== 'SUCCEEDED') throw new Error(JSON.stringify(result));
  return { ...(result.output as unknown as Seen), usage: result.usage };
}

/** The states of the living processes of a function, as this machine sees them. */
export const statesOf = ({ environment: { MARK = '?' } }: Version): string[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || !read(pid, 'environ').includes(`MARK=${MARK}`)) return [];
    const state = read(pid, 'stat').split(') ')[1]?.[0] ?? 'Z';
    return state === 'Z' || !(read(pid, 'cmdline').split('\0')[0] ?? '').endsWith('node') ? [] : [state];
  });
export const isThere = (version: Version): boolean => statesOf(version).length > 0;

function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}
