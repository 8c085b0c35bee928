import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Changes of the file system that outlive a crash: of this process and, by fsync, of the machine. */
export class Durable {
  private readonly running = new Map<string, Promise<void>>();
  private readonly next = new Map<string, Promise<void>>();

  constructor(private readonly tmpDir: string) {}

  temporaryPath(): string {
    return join(this.tmpDir, randomUUID());
  }

  /** The file has the old text or the new one, whole. Durable only after `syncFolder` of its folder. */
  async replace(path: string, text: string): Promise<void> {
    const partial = this.temporaryPath();
    try {
      await this.create(partial, text);
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  /** A new file, synced. A reader may find it half written if we are killed. */
  async create(path: string, text: string): Promise<void> {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async move(from: string, to: string): Promise<void> {
    await rename(from, to);
    await this.syncFolder(dirname(to));
  }

  /**
   * Those who ask while an fsync of the folder runs share the next one, as theirs may have come too late for it:
   * under load, one fsync serves many writers.
   */
  syncFolder(dir: string): Promise<void> {
    const waiting = this.next.get(dir);
    if (waiting) return waiting;
    const next = (this.running.get(dir) ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        this.next.delete(dir);
        const run = syncNow(dir).finally(() => {
          if (this.running.get(dir) === run) this.running.delete(dir);
        });
        this.running.set(dir, run);
        return run;
      });
    this.next.set(dir, next);
    return next;
  }
}

async function syncNow(dir: string): Promise<void> {
  const folder: FileHandle = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
