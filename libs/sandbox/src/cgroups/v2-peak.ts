import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { readNumber } from './cgroup-folder.js';

const MAX_DIGITS = 32;

/**
 * The peak of memory since it was last reset. Since Linux 6.12 a write to `memory.peak` resets it for whoever reads through
 * the same descriptor. Before that it is the group's for ever: what rises above it since the reset is known exactly, and of
 * what stays below it the most that was seen when somebody looked.
 */
export class V2Peak {
  private fd: number | undefined;
  private whole: number | undefined;
  private most = 0;

  constructor(
    private readonly file: (name: string) => string | undefined,
    private readonly openToWrite = (path: string): number => openSync(path, 'r+'),
  ) {}

  reset(): void {
    const path = this.file('memory.peak');
    if (path === undefined) return;
    try {
      this.fd ??= this.openToWrite(path);
      writeSync(this.fd, '0\n', 0);
    } catch {
      this.close();
      this.whole = readNumber(path);
      this.most = 0;
      this.glance();
    }
  }

  /** Somebody looks at what is used now, for whatever reason. */
  glance(): void {
    if (this.whole !== undefined) this.most = Math.max(this.most, readNumber(this.file('memory.current')) ?? 0);
  }

  read(): number | undefined {
    if (this.fd !== undefined) return this.readFd(this.fd);
    const peak = readNumber(this.file('memory.peak'));
    if (this.whole === undefined || peak === undefined || peak > this.whole) return peak;
    this.glance();
    return this.most;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private readFd(fd: number): number | undefined {
    const bytes = Buffer.alloc(MAX_DIGITS);
    try {
      const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, MAX_DIGITS, 0));
      const [digits] = /^\d+/.exec(text) ?? [];
      return digits === undefined ? undefined : Number(digits);
    } catch {
      return undefined; // The group is gone.
    }
  }
}
