import { setTimeout as sleep } from 'node:timers/promises';
import fs, { type FileHandle } from 'node:fs/promises';

const CHANGES = ['open', 'rename', 'rm', 'unlink', 'mkdir'] as const;
const HANDLE_CHANGES = ['writeFile', 'appendFile', 'sync'] as const;

type AnyFunction = (...args: never[]) => Promise<unknown>;
type Patched = Record<string, AnyFunction>;

/**
 * Lets a number of calls that change files through and then no more: they don't fail, they never return. What is
 * on disk is then what a process killed at that call leaves.
 */
export class FreezingFiles {
  private readonly originals: (() => void)[] = [];
  private readonly handles = new Set<FileHandle>();
  private running = 0;
  private freeze: () => void = () => {};
  readonly frozen = new Promise<'frozen'>((resolve) => (this.freeze = () => resolve('frozen')));

  private constructor(private left: number) {}

  static async after(calls: number, scratchFile: string): Promise<FreezingFiles> {
    const files = new FreezingFiles(calls);
    const handle = await fs.open(scratchFile, 'w');
    const prototype = Object.getPrototypeOf(handle) as Patched;
    await handle.close();
    for (const name of HANDLE_CHANGES) files.patch(prototype, name);
    for (const name of CHANGES) files.patch(fs as unknown as Patched, name);
    return files;
  }

  /** Gives the functions back, once all who were at work have run into a frozen one, and closes what they had open. */
  async thaw(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet = this.running === 0 ? quiet + 1 : 0) await sleep(1);
    for (const restore of this.originals) restore();
    for (const handle of this.handles) await handle.close().catch(() => {});
  }

  private patch(owner: Patched, name: string): void {
    const original = owner[name]!;
    const files = this;
    owner[name] = async function patched(this: unknown, ...args: never[]) {
      if (files.left-- <= 0) {
        files.freeze();
        return new Promise(() => {});
      }
      files.running++;
      const result = await original.apply(this, args).finally(() => files.running--);
      if (name === 'open') files.handles.add(result as FileHandle);
      return result;
    };
    this.originals.push(() => (owner[name] = original));
  }
}
