import { once } from 'node:events';
import { constants } from 'node:fs';
import { copyFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { inputKeyOf, type InputCacheUse, MAX_INPUT_KEYS } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import { type CachedInput, CachedInputs, objectName } from './cached-inputs.js';
import { type Answer, ask, emptyPlace, fetching, type Input } from './download.js';

/** Asking whether it has changed takes as long as fetching one of this size. */
const SMALL_BYTES = 64 * 1024;
/** Of what is free on the disk; what tasks leave to it. */
const SHARE = 0.1;
const MAX_ETAG = 128;

export interface Brought {
  readonly bytes: number;
  /** Of these: what did not have to be fetched. */
  readonly cachedBytes: number;
}

/**
 * Inputs that tasks here had before. Nothing is given out of it but by the store's word: each task asks with the URL that
 * it was granted whether the object is still this one. "Not modified" says that it may read it and that it has not
 * changed; so no task sees what it could not have fetched, and none sees what is old.
 *
 * A task gets a copy (where the file system can, one that shares the blocks): what it does to it is its own affair.
 */
@Injectable()
export class InputCache {
  private readonly dir: string;
  private readonly files: CachedInputs;
  /** Who else wants an object that is on its way asks when it is here. */
  private readonly arriving = new Map<string, AbortController>();

  constructor(private readonly config: ExecutorConfig) {
    this.dir = join(config.workDir, 'inputs');
    this.files = new CachedInputs(this.dir);
  }

  get bytes(): number {
    return this.files.bytes;
  }

  get use(): InputCacheUse {
    const { bytes, budgetBytes } = this.files;
    return { bytes, budgetBytes, objects: this.files.list().length };
  }

  /** Of the lately used, as the queue knows them. */
  get keys(): string[] {
    const latest = this.files.list().slice(0, MAX_INPUT_KEYS);
    return latest.map(({ object }) => inputKeyOf(object));
  }

  async sweep(): Promise<void> {
    await this.files.open();
    const { bavail, bsize } = await statfs(this.dir);
    this.files.limit(this.config.inputCacheBytes ?? Math.floor((bavail * bsize + this.files.bytes) * SHARE));
  }

  /** Brings an object into a new file of a task. */
  bring(input: Input, path: string, signal: AbortSignal): Promise<Brought> {
    return fetching(input, signal, async () => {
      const object = objectName(input);
      const arriving = this.arriving.get(object);
      if (arriving) await once(arriving.signal, 'abort', { signal });
      const known = this.files.find(object);
      const landed = this.announce(object);
      try {
        return await ask({ url: input.url, etag: known?.etag }, signal, async (answer) => {
          if (answer.isUnchanged && known) return this.copy(known, path);
          const { etag, bytes } = answer;
          if (etag !== undefined && bytes !== undefined && this.isWorthKeeping(etag, bytes))
            return this.keep({ object, etag, bytes }, answer, path);
          landed(); // Others need not wait for what they will not find.
          return { bytes: await answer.save(path), cachedBytes: 0 };
        });
      } finally {
        landed();
      }
    });
  }

  private isWorthKeeping(etag: string, bytes: number): boolean {
    const isStrong = etag.startsWith('"') && etag.length <= MAX_ETAG;
    return isStrong && bytes >= SMALL_BYTES && this.files.hasRoomFor(bytes);
  }

  private async keep(what: Omit<CachedInput, 'path'>, { save }: Answer, path: string): Promise<Brought> {
    const file = await this.files.add(what, save);
    if (!file) throw new Error('the object store sent another length than it said');
    await this.copy(file, path);
    return { bytes: what.bytes, cachedBytes: 0 };
  }

  /** It may have had to make room for others just now: then it is fetched. */
  private async copy(file: CachedInput, path: string): Promise<Brought> {
    await emptyPlace(path);
    try {
      await copyFile(file.path, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      if ((await stat(path)).size !== file.bytes) throw new Error('its copy here is not whole');
    } catch (error) {
      this.files.drop(file);
      throw error;
    }
    return { bytes: file.bytes, cachedBytes: file.bytes };
  }

  /** Gives what says that it is here, or does not come. */
  private announce(object: string): () => void {
    if (this.arriving.has(object)) return () => {};
    const landing = new AbortController();
    this.arriving.set(object, landing);
    return () => {
      if (this.arriving.get(object) === landing) this.arriving.delete(object);
      landing.abort();
    };
  }
}
