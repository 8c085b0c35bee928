import { setTimeout as sleep } from 'node:timers/promises';
import { folderBytes } from './folder-bytes.js';

const INTERVAL_MS = 250;
/** A folder with very many files must not keep us looking at it all the time. */
const REST_PER_LOOK = 20;

/**
 * Notices that a function's folder has grown too large, within about a second: a kernel's quota would be exact, and
 * needs a file system that was mounted for it.
 */
export class DiskWatch {
  readonly full: Promise<'disk'>;
  private readonly over = new AbortController();

  constructor(
    private readonly dir: string,
    private readonly maxBytes: number,
  ) {
    this.full = new Promise((resolve) => void this.look(() => resolve('disk')));
  }

  close(): void {
    this.over.abort();
  }

  private async look(tell: () => void): Promise<void> {
    const { signal } = this.over;
    for (let tookMs = 0; ; ) {
      const rest = Math.max(INTERVAL_MS, tookMs * REST_PER_LOOK);
      if (await sleep(rest, false, { signal, ref: false }).catch(() => true)) return;
      const lookedAt = performance.now();
      if ((await folderBytes(this.dir)) > this.maxBytes) return tell();
      tookMs = performance.now() - lookedAt;
    }
  }
}
