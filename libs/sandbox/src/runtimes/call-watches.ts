import type { Progress } from '@app/worker-api';
import type { Trigger } from '../supervise.js';
import { DiskWatch } from '../watches/disk-watch.js';
import { StallWatch } from '../watches/stall-watch.js';
import type { RunLimits } from './run-end.js';

/** A call that is over before this needs no look at the disk, and no tail of what it printed. */
const WATCHED_AFTER_MS = 100;

interface Watched {
  readonly work: string;
  readonly processes: () => readonly number[];
}

/** The clocks of one call. Only a call that takes long has more than two timers. */
export class CallWatches {
  private readonly timeout: NodeJS.Timeout;
  private readonly later: NodeJS.Timeout;
  private readonly stall: StallWatch | undefined;
  private disk: DiskWatch | undefined;

  constructor(
    { timeoutMs, stallMs, diskBytes }: RunLimits,
    { work, processes }: Watched,
    end: (trigger: Trigger) => void,
  ) {
    this.timeout = setTimeout(() => end('timeout'), timeoutMs);
    this.stall = stallMs === undefined ? undefined : new StallWatch(stallMs);
    void this.stall?.stalled.then(end);
    this.later = setTimeout(() => {
      if (diskBytes === undefined) return;
      this.disk = new DiskWatch(work, diskBytes, processes);
      void this.disk.full.then(end);
    }, WATCHED_AFTER_MS);
  }

  progressed(progress: Progress): void {
    this.stall?.progressed(progress);
  }

  close(): void {
    clearTimeout(this.timeout);
    clearTimeout(this.later);
    this.stall?.close();
    this.disk?.close();
  }
}
