import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An object as it was fetched. */
export interface CachedInput {
  /** SHA-256 of where it is in the store. */
  readonly object: string;
  readonly etag: string;
  readonly bytes: number;
  readonly path: string;
}

/** `<object>.<etag>.<bytes>.<one of its own>`: all that is known of a file is in its name. */
const NAME = /^([0-9a-f]{64})\.([\w-]{1,200})\.(\d{1,15})\.[0-9a-f-]{36}$/;
const PARTIAL = '.partial-';
const BOOT = '.boot';
/** One film must not drive out all others. */
const LARGEST = 0.5;

/**
 * The files of the cache, and which of them were used last. A file appears under its name whole or not at all, so what
 * a kill leaves is whole or partial. What a machine that went down leaves may be neither: it is not trusted.
 */
export class CachedInputs {
  private budget = 0;
  private used = 0;
  /** Of these: what is on its way. */
  private incoming = 0;
  /** The one that was used last is last. */
  private readonly files = new Map<string, CachedInput>();

  constructor(private readonly dir: string) {}

  get bytes(): number {
    return this.used;
  }

  get budgetBytes(): number {
    return this.budget;
  }

  /** The latest first. */
  list(): CachedInput[] {
    return [...this.files.values()].toReversed();
  }

  /** Finds what was left by the executor before, of the same run of the machine. */
  async open(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    if (!(await this.isOfThisBoot())) await this.clear();
    const found = await Promise.all((await readdir(this.dir)).map((name) => this.read(name)));
    const whole = found.filter((file) => file !== undefined).toSorted((a, b) => a.usedAt - b.usedAt);
    for (const { usedAt: _, ...file } of whole) this.put(file);
  }

  /** What does not fit any more goes. */
  limit(bytes: number): void {
    this.budget = bytes;
    this.reserve(0);
  }

  hasRoomFor(bytes: number): boolean {
    return bytes <= this.budget * LARGEST && this.incoming + bytes <= this.budget;
  }

  find(object: string): CachedInput | undefined {
    const file = this.files.get(object);
    if (!file) return undefined;
    this.files.delete(object);
    this.files.set(object, file);
    void utimes(file.path, new Date(), new Date()).catch(() => {});
    return file;
  }

  /** Makes a file with `save`, or throws what it throws. Undefined if it is not as long as it was said to be. */
  async add(
    { object, etag, bytes }: Omit<CachedInput, 'path'>,
    save: (path: string) => Promise<number>,
  ): Promise<CachedInput | undefined> {
    const partial = join(this.dir, `${PARTIAL}${randomUUID()}`);
    this.incoming += bytes;
    this.reserve(bytes);
    let file: CachedInput | undefined;
    try {
      if ((await save(partial)) !== bytes) return undefined;
      const path = join(this.dir, [object, encode(etag), bytes, randomUUID()].join('.'));
      await rename(partial, path);
      file = { object, etag, bytes, path };
      this.put(file);
      return file;
    } finally {
      this.incoming -= bytes;
      this.used -= bytes; // Of the reservation: what was put is counted by itself.
      if (!file) await rm(partial, { force: true });
    }
  }

  drop(file: CachedInput): void {
    if (this.files.get(file.object) === file) this.files.delete(file.object);
    else return;
    this.used -= file.bytes;
    void rm(file.path, { force: true }).catch(() => {});
  }

  private put(file: CachedInput): void {
    const before = this.files.get(file.object);
    if (before) this.drop(before);
    this.files.set(file.object, file);
    this.used += file.bytes;
  }

  private reserve(bytes: number): void {
    this.used += bytes;
    for (const file of this.files.values()) {
      if (this.used <= this.budget) return;
      this.drop(file);
    }
  }

  private async read(name: string): Promise<(CachedInput & { usedAt: number }) | undefined> {
    if (name === BOOT) return undefined;
    const path = join(this.dir, name);
    const [, object, etag, bytes] = NAME.exec(name) ?? [];
    const { size, mtimeMs } = await stat(path);
    if (object !== undefined && etag !== undefined && size === Number(bytes))
      return { object, etag: decode(etag), bytes: size, path, usedAt: mtimeMs };
    await rm(path, { recursive: true, force: true });
    return undefined;
  }

  /** Files are not flushed to the disk one by one: without the machine's memory they may have holes. */
  private async isOfThisBoot(): Promise<boolean> {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
    return boot !== undefined && boot === (await readFile(join(this.dir, BOOT), 'utf8').catch(() => undefined));
  }

  private async clear(): Promise<void> {
    for (const name of await readdir(this.dir)) await rm(join(this.dir, name), { recursive: true, force: true });
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
    if (boot !== undefined) await writeFile(join(this.dir, BOOT), boot);
  }
}

export const objectName = ({ bucket, key }: { readonly bucket: string; readonly key: string }): string =>
  createHash('sha256').update(`${bucket}/${key}`).digest('hex');

const encode = (etag: string): string => Buffer.from(etag).toString('base64url');
const decode = (name: string): string => Buffer.from(name, 'base64url').toString();
