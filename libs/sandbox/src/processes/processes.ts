import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly session: number;
  /** One letter, as in ps: R S D T Z … */
  readonly state: string;
  /** Clock ticks since boot; with the pid it names a process for good, since pids come round again. */
  readonly startTime: string;
}

const HAS_PROC = process.platform === 'linux';

/** A zombie runs nothing any more: it only waits for its parent to read its exit code. */
export const isAlive = ({ state }: ProcessInfo): boolean => !/^[ZXx]/.test(state);

export function listProcesses(): ProcessInfo[] {
  if (!HAS_PROC) return listByPs();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

export function readProcess(pid: number): ProcessInfo | undefined {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may itself hold brackets and spaces.
  const [state, ppid, pgid, session, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!state) return undefined;
  return { pid, ppid: Number(ppid), pgid: Number(pgid), session: Number(session), state, startTime: rest[15] ?? '' };
}

/** The environment a process was started with; empty if it is gone or not ours to read. */
export const environOf = (pid: number): string => (HAS_PROC ? readOrEmpty(`/proc/${pid}/environ`) : '');

/**
 * The only place that signals a process by number. 0 would be our own group, -1 everything we may signal,
 * 1 the machine's init: a pid that was read wrongly must never become one of them.
 */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) return;
  send(pid, signal);
}

/** Signals a process group that we made, by the pid of its leader. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  if (!Number.isSafeInteger(leader) || leader <= 1 || leader === process.pid) return;
  send(-leader, signal);
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error; // Gone already, or (macOS) a zombie.
  }
}

function listByPs(): ProcessInfo[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,pgid=,sess=,state='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [pid, ppid, pgid, , state] = line.trim().split(/\s+/);
    if (!pid || !state) return [];
    return [{ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), session: -1, state, startTime: '' }];
  });
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It ended while we looked, or belongs to someone else.
  }
}
