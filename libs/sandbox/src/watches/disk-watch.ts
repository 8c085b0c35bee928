import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderUse } from './folder-bytes.js';
import { namelessBytes } from './nameless-bytes.js';

const INTERVAL_MS = 250;
/** What is free is one question to the kernel, however many files there are. */
const GLANCE_MS = 50;
/** A folder with very many files must not keep us looking at it all the time. */
const REST_PER_LOOK = 20;
const MAX_REST_MS = 10_000;
/** Files without a name are looked for when the disk has become fuller than we can see why, and each so many times. */
const NAMELESS_EACH = 20;

interface Look {
  readonly tookMs: number;
  /** What the disk had left when it began. */
  readonly free: number;
  /** What the function has left of its limit. */
  readonly room: number;
}

/**
 * Notices that a function's folder has grown too large, within about a second: a kernel's quota would be exact, and
 * needs a file system that was mounted for it.
 */
export class DiskWatch {
  readonly full: Promise<'disk'>;
  private readonly over = new AbortController();
  private looks = 0;

  constructor(
    private readonly dir: string,
    private readonly maxBytes: number,
    /** Those that may hold files without a name. */
    private readonly processes: () => readonly number[] = () => [],
  ) {
    this.full = new Promise((resolve) => void this.watch(() => resolve('disk')));
  }

  close(): void {
    this.over.abort();
  }

  private async watch(tell: () => void): Promise<void> {
    const atStart = await this.free();
    let look: Look = { tookMs: 0, free: atStart, room: this.maxBytes };
    while (await this.rested(look)) {
      const free = await this.free();
      const lookedAt = performance.now();
      const used = await this.used(atStart - free);
      if (used > this.maxBytes) return tell();
      look = { tookMs: performance.now() - lookedAt, free, room: this.maxBytes - used };
    }
  }

  /** False when it is over. A rest ends early when the disk has lost more than the function may still take. */
  private async rested({ tookMs, free, room }: Look): Promise<boolean> {
    const restMs = Math.max(INTERVAL_MS, Math.min(tookMs * REST_PER_LOOK, MAX_REST_MS));
    for (let restedMs = 0; restedMs < restMs; restedMs += GLANCE_MS) {
      if (await sleep(GLANCE_MS, false, { signal: this.over.signal, ref: false }).catch(() => true)) return false;
      if (restedMs >= tookMs && free - (await this.free()) > room) break;
    }
    return true;
  }

  /** Of the limit; all of it and more where not everything can be counted. */
  private async used(lost: number): Promise<number> {
    const { bytes, isTooDeep } = await folderUse(this.dir, this.maxBytes);
    if (isTooDeep) return Number.POSITIVE_INFINITY;
    const isUnexplained = bytes + lost > this.maxBytes || ++this.looks % NAMELESS_EACH === 0;
    return isUnexplained ? bytes + (await namelessBytes(this.processes(), this.dir).catch(() => 0)) : bytes;
  }

  private async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.dir).catch(() => ({ bavail: 0, bsize: 0 }));
    return bavail * bsize;
  }
}
