import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { folderBytes, newOwner, stateOf } from '@app/sandbox';
import type { TaskRef } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';

const SHARED = 0.9;
const FOREIGN_IS_OLD_MS = 24 * 3_600_000;

/** `<work dir>/tasks/<owner>/<task>-<attempt>`: a task's private folder, gone when the task is. */
@Injectable()
export class WorkFolders {
  private readonly root: string;
  private readonly own: string;
  /** The inodes of the folders' `tmp`. */
  private readonly tmp = new Map<string, number>();
  /** What a folder may grow to whose task does not ask for more. */
  maxBytes: number | undefined;
  /** What all of them may have together. */
  totalBytes = 0;

  constructor(private readonly config: ExecutorConfig) {
    this.root = join(config.workDir, 'tasks');
    this.own = join(this.root, newOwner());
  }

  async create({ id, attempt }: TaskRef): Promise<string> {
    const dir = join(this.own, `${id}-${attempt}`);
    await remove(dir);
    await mkdir(join(dir, 'tmp'), { recursive: true, mode: 0o755 });
    await furnish(dir);
    const { ino } = await lstat(join(dir, 'tmp'));
    this.tmp.set(dir, ino);
    return dir;
  }

  /** An empty folder for code that is to be shown beside it later, and goes with it. */
  async createSlot(dir: string): Promise<string> {
    await mkdir(slotOf(dir), { mode: 0o755 });
    return slotOf(dir);
  }

  /** What a task's folder takes of the disk. */
  bytes(dir: string): Promise<number> {
    return folderBytes(dir);
  }

  async remove(dir: string): Promise<void> {
    this.tmp.delete(dir);
    await remove(dir);
    await rm(slotOf(dir), { recursive: true, force: true });
  }

  /**
   * Makes it new for the next task of an instance that has it as its /tmp and working folder, and stands still. False
   * if it cannot be: the function has put something else in the place of its `tmp`.
   */
  async empty(dir: string): Promise<boolean> {
    if (process.platform !== 'linux') return false;
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    const tmp = await open(join(dir, 'tmp'), O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(() => undefined);
    if (!tmp) return false;
    try {
      if ((await tmp.stat()).ino !== this.tmp.get(dir)) return false;
      await tmp.chmod(0o755);
      await chmod(dir, 0o755);
      // Through the open folder, not by its name: a link in its place would have us delete what it points at.
      for (const path of await pathsIn(through(tmp.fd))) await remove(path);
      const kept = join(dir, 'tmp');
      for (const path of await pathsIn(dir)) if (path.toString() !== kept) await remove(path);
    } finally {
      await tmp.close();
    }
    await furnish(dir);
    return true;
  }

  /** Removes what executors left here that are no longer alive, and shares what is then free among the slots. */
  async sweep(): Promise<void> {
    for (const owner of await readdir(this.root).catch(() => [])) {
      const state = stateOf(owner);
      const isLeft =
        state === 'dead' || (state === 'foreign' && (await ageMs(join(this.root, owner))) > FOREIGN_IS_OLD_MS);
      if (isLeft) await remove(join(this.root, owner));
    }
    await mkdir(this.root, { recursive: true });
    const { bavail, bsize } = await statfs(this.root);
    const { taskDiskBytes, diskBytes, capacity } = this.config;
    const shared = diskBytes ?? Math.floor(bavail * bsize * SHARED);
    this.maxBytes = taskDiskBytes ?? Math.floor(shared / capacity.slots);
    this.totalBytes = diskBytes ?? Math.max(shared, this.maxBytes * capacity.slots);
  }

  async close(): Promise<void> {
    await remove(this.own);
  }
}

const slotOf = (dir: string): string => `${dir}.code`;

const through = (fd: number): string => `/proc/self/fd/${fd}`;

async function furnish(dir: string): Promise<void> {
  for (const name of ['inputs', 'outputs']) await mkdir(join(dir, name), { mode: 0o755 });
}

const ageMs = async (path: string): Promise<number> => Date.now() - (await stat(path)).mtimeMs;

/** A function may have taken the rights away from its own folders, or have made them deeper than a path can name. */
async function remove(dir: string | Buffer): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    await openUp(dir);
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Of the 4,096 bytes that a path may have, all but those of two names. */
const LONGEST_PATH = 3_500;

/** A name is any bytes, which need not be text: here each is a letter, so that none is lost. */
const NAMES = 'latin1';
const named = (path: string): Buffer => Buffer.from(path, NAMES);

async function pathsIn(dir: string): Promise<Buffer[]> {
  const names = await readdir(dir, { encoding: 'buffer' });
  return names.map((name) => Buffer.concat([Buffer.from(dir + sep), name]));
}

/** Gives itself all rights, and moves what is too deep up to the top, from where it can be named. */
async function openUp(dir: string | Buffer): Promise<void> {
  const top = (typeof dir === 'string' ? Buffer.from(dir) : dir).toString(NAMES);
  const found = [top];
  for (let path = found.pop(); path !== undefined; path = found.pop()) {
    if (!(await lstat(named(path))).isDirectory()) continue; // The rights of what a link points at are not ours to change.
    await chmod(named(path), 0o700);
    for (const entry of await readdir(named(path), { withFileTypes: true, encoding: NAMES })) {
      if (!entry.isDirectory()) continue;
      const below = join(path, entry.name);
      const place = below.length > LONGEST_PATH ? join(top, `deep-${randomUUID()}`) : below;
      if (place !== below) await rename(named(below), named(place));
      found.push(place);
    }
  }
}
