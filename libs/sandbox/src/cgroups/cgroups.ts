import { mkdirSync, rmdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type OwnerName, stateOf } from '../processes/owner.js';
import { Cgroup } from './cgroup.js';
import { type CgroupFolder, type CgroupLimits, readText, removeTree, subfolders, tryWrite } from './cgroup-folder.js';
import { type Guard, startGuard } from './guard.js';
import { type Hierarchy, readHierarchies } from './hierarchies.js';
import { v1CgroupFolder } from './v1.cgroup-folder.js';
import { baseOf, canBeJoined, makeRoom } from './own-place.js';
import { passOn, v2CgroupFolder } from './v2.cgroup-folder.js';

const USEFUL = ['pids', 'memory', 'cpu', 'cpuacct', 'blkio'];
const WANTED = ['pids', 'memory', 'cpu', 'io'];
/** As much as eight busy processes for each core. */
const SHARES_OF_ALL = 8 * 1_024 * availableParallelism();
const SWEEP_DEADLINE_MS = 5_000;

/**
 * Every cgroup of this executor, in each hierarchy that is writable:
 *
 *   <our own cgroup>/spool/<owner>/<sandbox>
 *
 * The executor makes and reads them, not an OCI runtime: a runtime deletes its own at the end, and with it the
 * evidence of what happened (memory peak, out-of-memory kills).
 */
export class Cgroups {
  private constructor(
    private readonly owner: OwnerName,
    private readonly hierarchies: readonly Hierarchy[],
    private readonly guard: Guard | undefined,
  ) {}

  /** Undefined where no cgroup can be made from which everything can be killed. */
  static open(owner: OwnerName, all: readonly Hierarchy[] = readHierarchies()): Cgroups | undefined {
    const places = all.filter(isUseful).map((place) => ({ ...place, dir: baseOf(place.dir) }));
    const hierarchies = places.filter((hierarchy) => canMake(hierarchy, owner));
    const canKill = hierarchies.some(({ version, controllers }) => version === 2 || controllers.includes('pids'));
    if (!canKill) {
      for (const { dir } of hierarchies) removeTree(join(dir, 'spool', owner));
      return undefined;
    }
    const guard = startGuard(hierarchies.map(({ dir }) => join(dir, 'spool', owner)));
    return new Cgroups(owner, hierarchies, guard);
  }

  /** What can be held to, for the log line at start. */
  get controllers(): string[] {
    const of = ({ version, controllers, dir }: Hierarchy) =>
      version === 1
        ? controllers
        : readText(join(dir, 'spool', this.owner, 'cgroup.subtree_control'))
            .trim()
            .split(' ');
    return [...new Set(this.hierarchies.flatMap(of))].filter(Boolean).toSorted();
  }

  create(name: string, limits: CgroupLimits): Cgroup {
    const folders = this.hierarchies.map((hierarchy) => folderOf(hierarchy, this.owner, name));
    for (const folder of folders) mkdirSync(folder.dir);
    const cgroup = new Cgroup(folders, limits.cpu);
    cgroup.limit(limits);
    return cgroup;
  }

  /** Kills and removes what executors left that are no longer alive. Returns how many sandboxes that were. */
  async sweep(): Promise<number> {
    const names = new Set<string>();
    for (const { dir } of this.hierarchies) {
      for (const owner of subfolders(join(dir, 'spool'))) if (stateOf(owner) === 'dead') names.add(owner);
    }
    let found = 0;
    for (const owner of names) found += await this.sweepOwner(owner);
    return found;
  }

  async close(): Promise<void> {
    await this.guard?.release();
    for (const { dir } of this.hierarchies) {
      removeTree(join(dir, 'spool', this.owner));
      removeIfEmpty(join(dir, 'spool'));
    }
  }

  private async sweepOwner(owner: OwnerName): Promise<number> {
    const sandboxes = new Set(this.hierarchies.flatMap(({ dir }) => subfolders(join(dir, 'spool', owner))));
    for (const name of sandboxes) {
      const folders = this.hierarchies.map((hierarchy) => folderOf(hierarchy, owner, name));
      await new Cgroup(folders).destroy(SWEEP_DEADLINE_MS);
    }
    for (const { dir } of this.hierarchies) removeTree(join(dir, 'spool', owner));
    return sandboxes.size;
  }
}

const isUseful = ({ version, controllers }: Hierarchy): boolean =>
  version === 2 || controllers.some((name) => USEFUL.includes(name));

function folderOf({ version, dir }: Hierarchy, owner: OwnerName, name: string): CgroupFolder {
  const path = join(dir, 'spool', owner, name);
  return version === 2 ? v2CgroupFolder(path) : v1CgroupFolder(path);
}

function canMake({ version, dir }: Hierarchy, owner: OwnerName): boolean {
  const top = join(dir, 'spool');
  try {
    mkdirSync(join(top, owner), { recursive: true });
  } catch {
    return false; // Mounted read-only, as in most containers, or not ours.
  }
  if (version === 2) {
    if (hasToGive(dir) && makeRoom(dir)) for (const path of [dir, top, join(top, owner)]) passOn(path, WANTED);
    return canBeJoined(join(top, owner)) || isRemoved(join(top, owner));
  }
  // In v1 a group weighs as much as one process beside it: all functions together would get the time of one.
  for (const path of [top, join(top, owner)]) tryWrite(join(path, 'cpu.shares'), String(SHARES_OF_ALL));
  return true;
}

const hasToGive = (dir: string): boolean =>
  readText(join(dir, 'cgroup.controllers'))
    .trim()
    .split(' ')
    .some((name) => WANTED.includes(name));

function isRemoved(dir: string): false {
  removeTree(dir);
  return false;
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // Another executor of this machine uses it.
  }
}
