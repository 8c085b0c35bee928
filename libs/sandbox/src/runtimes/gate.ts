import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const NAME = 'gate';
const LOOK_MS = 2;

/**
 * Holds a program at its start until what it needs from outside is there: it reads a line from a pipe in a folder that
 * it is shown. Whoever has the pipe open is inside already, with all its namespaces.
 */
export class Gate {
  private constructor(private readonly path: string) {}

  static make(dir: string): Gate {
    const path = join(dir, NAME);
    const { status, stderr } = spawnSync('mkfifo', ['-m', '600', path], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
    return new Gate(path);
  }

  /** Its name in the folder. */
  static readonly fileName = NAME;

  /** The pipe, once the program waits at its other end; undefined if it has ended instead. */
  async reached(ended: Promise<unknown>): Promise<{ open(): void } | undefined> {
    const over = new AbortController();
    void ended.finally(() => over.abort());
    while (!over.signal.aborted) {
      const pipe = this.tryOpen();
      if (pipe !== undefined) return { open: () => letGo(pipe) };
      await sleep(LOOK_MS);
    }
    return undefined;
  }

  /** Without a reader it cannot be opened for writing. */
  private tryOpen(): number | undefined {
    try {
      return openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
      throw error;
    }
  }
}

function letGo(pipe: number): void {
  writeSync(pipe, '\n');
  closeSync(pipe);
}
