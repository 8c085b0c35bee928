import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readProcess } from './processes.js';

/**
 * Names who made a cgroup, a work folder or a process, so that the next start can tell what a dead executor
 * left from what a living one uses: `<pid namespace>-<pid>-<start time>-<random>`.
 */
export type OwnerName = string;

const pidNamespace = (): string => {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0'; // Not Linux.
  }
};

export const newOwner = (): OwnerName =>
  [pidNamespace(), process.pid, readProcess(process.pid)?.startTime || 0, randomBytes(3).toString('hex')].join('-');

/** `foreign`: made in another pid namespace (another container), where the same number is another process. */
export function stateOf(owner: OwnerName): 'alive' | 'dead' | 'foreign' {
  const [namespace, pid, startTime] = owner.split('-');
  if (namespace !== pidNamespace()) return 'foreign';
  if (startTime === '0') return isRunning(Number(pid)) ? 'alive' : 'dead';
  return readProcess(Number(pid))?.startTime === startTime ? 'alive' : 'dead';
}

function isRunning(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
