import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import { GatewayClient } from '../gateway/gateway.client.js';
import { GatewayUnavailable } from '../gateway/gateway.errors.js';
import { retry } from '../gateway/retry.js';
import { TaskFailed } from '../tasks/task-failed.js';
import { UnsafeArchive, unzip } from './unzip.js';

const MB = 1024 * 1024;
const MAX_ZIP_BYTES = 256 * MB;
const LIMITS = { maxBytes: 512 * MB, maxEntries: 20_000 };
const KEPT = 100;

/**
 * Functions' code by its SHA-256: `<work dir>/code/<digest>/`. A folder appears there complete or not at all,
 * and is never changed, so tasks share it.
 */
@Injectable()
export class CodeCache {
  private readonly dir: string;
  private readonly fetching = new Map<string, Promise<string>>();

  constructor(
    config: ExecutorConfig,
    private readonly gateway: GatewayClient,
  ) {
    this.dir = join(config.workDir, 'code');
  }

  /** Removes half-fetched code and all but the lately used. Only while no task runs. */
  async sweep(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o755 });
    // Ends node's search for a package.json here: one further up would decide how a function's .js is read.
    await writeFile(join(this.dir, 'package.json'), '{}\n');
    const names = (await readdir(this.dir)).filter((name) => name !== 'package.json');
    const dated = await Promise.all(
      names.map(async (name) => ({ name, usedAt: (await stat(join(this.dir, name))).mtimeMs })),
    );
    const whole = dated.filter(({ name }) => /^[0-9a-f]{64}$/.test(name)).toSorted((a, b) => b.usedAt - a.usedAt);
    const kept = new Set(whole.slice(0, KEPT).map(({ name }) => name));
    for (const name of names) if (!kept.has(name)) await rm(join(this.dir, name), { recursive: true, force: true });
  }

  /** The folder with the code, fetched if it is not there. */
  async get(digest: string, signal: AbortSignal): Promise<string> {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw unavailable(digest, 'the digest is not a SHA-256 in hex');
    const dir = join(this.dir, digest);
    if (existsSync(dir)) {
      await utimes(dir, new Date(), new Date());
      return dir;
    }
    const fetching =
      this.fetching.get(digest) ?? this.fetch(digest, signal).finally(() => this.fetching.delete(digest));
    this.fetching.set(digest, fetching);
    try {
      return await fetching;
    } catch (error) {
      if (signal.aborted || !isAborted(error)) throw error;
      return this.get(digest, signal); // Another task began this, and was cancelled.
    }
  }

  private async fetch(digest: string, signal: AbortSignal): Promise<string> {
    const partial = join(this.dir, `.partial-${randomUUID()}`);
    const code = join(partial, 'code');
    try {
      await mkdir(code, { recursive: true, mode: 0o755 });
      const zip = join(partial, 'code.zip');
      await retry({ attempts: 20, maxMs: 10_000, signal, isWorthIt }, () =>
        this.gateway.code(digest, (chunks) => saveVerified(chunks, zip, digest), signal),
      );
      await unzip(zip, code, LIMITS);
      const dir = join(this.dir, digest);
      await rename(code, dir).catch((error: unknown) => {
        if (!existsSync(dir)) throw error; // Another executor was faster; the content is the same.
      });
      return dir;
    } catch (error) {
      if (signal.aborted || error instanceof TaskFailed) throw error;
      const why = error instanceof UnsafeArchive ? `the archive is refused: ${error.message}` : String(error);
      throw unavailable(digest, why, { cause: error });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
}

const isWorthIt = (error: unknown): boolean => error instanceof GatewayUnavailable;

const unavailable = (digest: string, why: string, options?: ErrorOptions) =>
  new TaskFailed('Function.CodeUnavailable', `The code ${digest} cannot be used: ${why}`, options);

const isAborted = (error: unknown): boolean =>
  error instanceof GatewayUnavailable || (error instanceof Error && error.name === 'AbortError');

async function saveVerified(chunks: AsyncIterable<Uint8Array>, file: string, digest: string): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      size += chunk.length;
      done(size > MAX_ZIP_BYTES ? unavailable(digest, `it is larger than ${MAX_ZIP_BYTES} bytes`) : null, chunk);
    },
  });
  await pipeline(Readable.from(chunks), measure, createWriteStream(file));
  const found = hash.digest('hex');
  if (found !== digest) throw unavailable(digest, `what came has the SHA-256 ${found}`);
}
