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

  private async guarded(call: () => Promise<unknown>): Promise<unknown> {
    if (this.left-- <= 0) {
      this.freeze();
      return new Promise(() => {});
    }
    this.running++;
    const result = await call().finally(() => this.running--);
    if (isHandle(result)) this.handles.add(result);
    return result;
  }

  private patch(owner: Patched, name: string): void {
    const original = owner[name]!;
    const guard = (call: () => Promise<unknown>): Promise<unknown> => this.guarded(call);
    owner[name] = function patched(this: unknown, ...args: never[]) {
      return guard(() => original.apply(this, args));
    };
    this.originals.push(() => (owner[name] = original));
  }
}

const isHandle = (result: unknown): result is FileHandle => typeof (result as FileHandle | undefined)?.fd === 'number';
