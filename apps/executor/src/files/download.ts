import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Assignment } from '@app/worker-api';
import { Deadline } from '../gateway/deadline.js';
import { retry } from '../gateway/retry.js';
import { TaskFailed } from '../tasks/task-failed.js';

const STALL_MS = 30_000;
const ATTEMPTS = 6;

export type Input = Assignment['inputs'][number];

/** What the store says of an object, before its bytes. */
export interface Answer {
  readonly isUnchanged: boolean;
  readonly etag: string | undefined;
  /** Where that is known before. */
  readonly bytes: number | undefined;
  /** Streams the bytes into a new file; gives how many they were. */
  save(path: string): Promise<number>;
}

/** 4xx: the object is not there or not ours to read, and asking again does not change that. */
class NotReadable extends Error {}

const isWorthIt = (error: unknown): boolean => !(error instanceof NotReadable);

/** A transfer that breaks off or stalls begins again. What cannot be had fails the task that needs it. */
export async function fetching<T>(input: Input, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await retry({ attempts: ATTEMPTS, maxMs: 5_000, signal, isWorthIt }, work);
  } catch (error) {
    if (signal.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new TaskFailed(
      'Input.Unavailable',
      `The input ${input.name} (s3://${input.bucket}/${input.key}) cannot be read: ${why}`,
      { cause: error },
    );
  }
}

/** Asks for an object once; for one that is known, only if it is not the one with this etag any more. */
export async function ask<T>(
  { url, etag }: { readonly url: string; readonly etag: string | undefined },
  signal: AbortSignal,
  read: (answer: Answer) => Promise<T>,
): Promise<T> {
  using deadline = new Deadline(STALL_MS, signal);
  const response = await fetch(url, {
    ...(etag !== undefined && { headers: { 'if-none-match': etag } }),
    signal: deadline.signal,
  });
  const isUnchanged = response.status === 304 && etag !== undefined;
  if (!response.ok && !isUnchanged) {
    await response.body?.cancel();
    const message = `the object store answered ${response.status}`;
    throw response.status < 500 && response.status !== 429 ? new NotReadable(message) : new Error(message);
  }
  return read({
    isUnchanged,
    etag: response.headers.get('etag') ?? undefined,
    bytes: lengthOf(response.headers),
    save: (path) => save(response, path, deadline),
  });
}

/** Of what is packed, the length is not that of the file that it becomes. */
function lengthOf(headers: Headers): number | undefined {
  const length = Number(headers.get('content-length') ?? Number.NaN);
  return Number.isSafeInteger(length) && !headers.has('content-encoding') ? length : undefined;
}

async function save(response: Response, path: string, deadline: Deadline): Promise<number> {
  await emptyPlace(path);
  const file = createWriteStream(path, { flags: 'wx', mode: 0o644 });
  if (!response.body) {
    file.end();
    return 0;
  }
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  body.on('data', () => deadline.touch());
  await pipeline(body, file, { signal: deadline.signal });
  return file.bytesWritten;
}

/** Where a file is to be made, which may have been begun before. */
export async function emptyPlace(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await rm(path, { force: true });
}
