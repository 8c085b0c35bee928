import type { ResourceUsage } from '../sandbox.js';

const SUMS = ['cpuMs', 'readBytes', 'writtenBytes'] as const;

/**
 * Whose an instance's time is, when it serves several calls: each moment belongs in equal parts to those that are in hand
 * then. One clock that runs the slower the more there are says it for all of them, and costs nothing to read.
 */
export class TimeShares {
  private clockMs = 0;
  private busyMs = 0;
  private at = performance.now();
  private inHand = 0;
  private lapClock = 0;
  private lapBusy = 0;

  /** What the clock shows; from now on there is one more. */
  begin(): number {
    const from = this.now();
    this.inHand++;
    return from;
  }

  /** One less; gives how much of the time since `from` was its own. */
  end(from: number): number {
    const ownMs = this.now() - from;
    this.inHand--;
    return ownMs;
  }

  /** Which part of the time since the last lap belongs to one that is in hand since `from`. */
  partOfLap(from: number): number {
    const ownMs = this.now() - Math.max(from, this.lapClock);
    const busyMs = this.busyMs - this.lapBusy;
    return busyMs > 0 ? Math.min(1, ownMs / busyMs) : 0;
  }

  lap(): void {
    this.lapClock = this.now();
    this.lapBusy = this.busyMs;
  }

  private now(): number {
    const at = performance.now();
    if (this.inHand > 0) {
      this.busyMs += at - this.at;
      this.clockMs += (at - this.at) / this.inHand;
    }
    this.at = at;
    return this.clockMs;
  }
}

/** So much of what can be divided; the peak of memory cannot. */
export function partOf(used: ResourceUsage, part: number): ResourceUsage {
  const { peakMemoryBytes } = used;
  const sums = SUMS.flatMap((name) => {
    const value = used[name];
    return value === undefined ? [] : [[name, Math.round(value * part * 1e3) / 1e3]];
  });
  return { ...(Object.fromEntries(sums) as ResourceUsage), ...(peakMemoryBytes !== undefined && { peakMemoryBytes }) };
}

export function plus(a: ResourceUsage, b: ResourceUsage): ResourceUsage {
  const sums = SUMS.flatMap((name) =>
    a[name] === undefined && b[name] === undefined ? [] : [[name, (a[name] ?? 0) + (b[name] ?? 0)]],
  );
  const peaks = [a.peakMemoryBytes, b.peakMemoryBytes].filter((bytes) => bytes !== undefined);
  return {
    ...(Object.fromEntries(sums) as ResourceUsage),
    ...(peaks.length > 0 && { peakMemoryBytes: Math.max(...peaks) }),
  };
}
