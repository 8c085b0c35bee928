import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { listProcesses } from '../processes/processes.js';
import { readText, tryWrite } from './cgroup-folder.js';

/** Where we go ourselves, beside the cgroups that we make. */
const OWN = 'spool-own';
const ROUNDS = 20;

/** The cgroup that ours are made in; an executor that was here before may have left us in the place that it made for itself. */
export const baseOf = (dir: string): string => (basename(dir) === OWN ? dirname(dir) : dir);

/**
 * In v2 a cgroup gives controllers to those below only while no process is in it (but for the root of all): with us inside,
 * memory cannot be limited, and with the processor alone given on, nothing can join what is below. So we and what we belong
 * to move one further down. False if somebody else is there, too, whose place is not ours to change.
 */
export function makeRoom(base: string): boolean {
  if (!existsSync(join(base, 'cgroup.type'))) return true;
  for (let round = 0; round < ROUNDS; round++) {
    const pids = readPids(base);
    if (pids.length === 0) return true;
    if (!areOfOneTree(pids)) return false;
    mkdirSync(join(base, OWN), { recursive: true });
    const hasMoved = pids.filter((pid) => tryWrite(join(base, OWN, 'cgroup.procs'), String(pid)));
    if (hasMoved.length === 0) return false;
  }
  return false;
}

const readPids = (dir: string): number[] => readText(join(dir, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);

/** Whether all of them are descended from one that is among them. */
export function areOfOneTree(
  pids: readonly number[],
  parents: ReadonlyMap<number, number> = new Map(listProcesses().map(({ pid, ppid }) => [pid, ppid])),
): boolean {
  const here = new Set(pids);
  const alive = pids.filter((pid) => parents.has(pid));
  return alive.filter((pid) => !here.has(parents.get(pid) ?? 0)).length <= 1;
}

/** Whether a process can get into a cgroup that is made there, which depends on more than the rights to make it. */
export function canBeJoined(dir: string): boolean {
  const probe = join(dir, `probe-${process.pid}`);
  try {
    mkdirSync(probe);
  } catch {
    return false;
  }
  const { status } = spawnSync('/bin/sh', ['-c', 'echo 0 > "$1"', 'sh', join(probe, 'cgroup.procs')], {
    stdio: 'ignore',
  });
  try {
    rmdirSync(probe);
  } catch {
    // The shell is a zombie for a moment more; the folder goes with all others.
  }
  return status === 0;
}
