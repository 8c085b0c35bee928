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

/** 4xx: the object is not there or not ours to read, and asking again does not change that. */
class NotReadable extends Error {}

const isWorthIt = (error: unknown): boolean => !(error instanceof NotReadable);

/** Streams an input into a file; gives its size. A transfer that breaks off or stalls begins again. */
export async function download(
  input: Assignment['inputs'][number],
  path: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await retry({ attempts: ATTEMPTS, maxMs: 5_000, signal, isWorthIt }, () => once(input.url, path, signal));
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

async function once(url: string, path: string, signal: AbortSignal): Promise<number> {
  using deadline = new Deadline(STALL_MS, signal);
  const response = await fetch(url, { signal: deadline.signal });
  if (!response.ok) {
    await response.body?.cancel();
    const message = `the object store answered ${response.status}`;
    throw response.status < 500 && response.status !== 429 ? new NotReadable(message) : new Error(message);
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await rm(path, { force: true });
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
