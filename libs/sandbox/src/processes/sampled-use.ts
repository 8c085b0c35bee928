import { readFileSync } from 'node:fs';

/** What the kernel shows to programs, on every Linux that there is: clock ticks of a hundredth of a second. */
const TICK_MS = 10;
const FIRST_MS = 50;
const MAX_MS = 500;
/** To look at all processes of a large machine must not be what we do all the time. */
const REST_PER_LOOK = 20;

interface Sample {
  readonly ticks: number;
  readonly parent: number;
  /** Undefined if it is not ours to read. */
  readonly io: Io | undefined;
}

interface Io {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/**
 * What processes use that no cgroup counts: what each shows of itself and of the children that it has waited for, looked
 * at now and then. What ends between two looks, and is waited for by nobody whom we know, is missed. Bytes count as written
 * when a page becomes dirty, whoever brings it to the disk; cgroup v1 counts only direct and synchronous writes.
 */
export class SampledUse {
  private readonly samples = new Map<number, Sample>();
  private timer: NodeJS.Timeout | undefined;
  private restMs = FIRST_MS;

  constructor(private readonly list: () => readonly number[]) {
    this.goOn();
  }

  get cpuMs(): number {
    let ticks = 0;
    for (const sample of this.samples.values()) ticks += sample.ticks;
    return ticks * TICK_MS;
  }

  /** Undefined if nobody's could be read. */
  get io(): Io | undefined {
    const known = [...this.samples.values()].flatMap(({ io }) => io ?? []);
    if (known.length === 0) return undefined;
    const sum = (name: keyof Io) => known.reduce((bytes, io) => bytes + io[name], 0);
    return { readBytes: sum('readBytes'), writtenBytes: sum('writtenBytes') };
  }

  sample(): void {
    const alive = new Set(this.list());
    // Whoever has gone is counted by the parent that has waited for it. Without one, its last sample is all there is.
    for (const [pid, { parent }] of this.samples) if (!alive.has(pid) && alive.has(parent)) this.samples.delete(pid);
    for (const pid of alive) {
      const sample = read(pid);
      if (sample) this.samples.set(pid, sample);
    }
  }

  /** Until `stop`. */
  goOn(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const lookedAt = performance.now();
      this.sample();
      this.restMs = Math.min(MAX_MS, 2 * this.restMs);
      this.restMs = Math.max(this.restMs, REST_PER_LOOK * (performance.now() - lookedAt));
      this.goOn();
    }, this.restMs).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

/** proc(5), /proc/PID/stat: behind the name in brackets `state ppid …`, and as 14th to 17th field utime stime cutime cstime. */
function read(pid: number): Sample | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { ticks, parent: Number(fields[1]), io: ioOf(pid) };
  } catch {
    return undefined; // It has ended.
  }
}

/** proc(5), /proc/PID/io: `read_bytes: 4096` and `write_bytes: 8192`, of what went by a disk or is to. */
function ioOf(pid: number): Io | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/io`, 'utf8');
    const [, readBytes, writtenBytes] = /^read_bytes: (\d+)\nwrite_bytes: (\d+)$/m.exec(text) ?? [];
    return { readBytes: Number(readBytes), writtenBytes: Number(writtenBytes) };
  } catch {
    return undefined;
  }
}
