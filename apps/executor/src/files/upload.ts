import { createReadStream } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import type { Assignment, TaskRef, UploadedOutput } from '@app/worker-api';
import { Deadline } from '../gateway/deadline.js';
import type { GatewayClient } from '../gateway/gateway.client.js';
import { GatewayRefused } from '../gateway/gateway.errors.js';
import { retry } from '../gateway/retry.js';
import { AttemptLost, TaskFailed } from '../tasks/task-failed.js';
import { contentTypeOf } from './content-type.js';

const STALL_MS = 60_000;
const ATTEMPTS = 8;
const OUTPUTS = 'outputs';
const PARALLEL_PARTS = 3;
const PARALLEL_FILES = 4;
const MAX_FILES = 2_000;
const isWorthIt = (error: unknown): boolean => !(error instanceof GatewayRefused);
const LOST = new Set([404, 409, 410]);

export interface Upload {
  readonly task: TaskRef;
  readonly output: Assignment['outputs'][number];
  readonly path: string;
  readonly signal: AbortSignal;
  /** What all outputs of the task may have together. */
  readonly room: { bytes: number };
}

interface Part {
  readonly url: string;
  readonly path: string;
  readonly from: number;
  readonly size: number;
}

/**
 * Fills a multipart upload with a file. The object does not exist by that: the gateway completes the upload
 * once it has taken the task's result.
 */
export async function upload(gateway: GatewayClient, wanted: Upload): Promise<UploadedOutput> {
  const { task, output, path, signal } = wanted;
  const { name, key } = output;
  const size = await sizeOf(name, path);
  take(wanted, size);
  const contentType = contentTypeOf(key);
  const ask = { attempt: task.attempt, name, size, contentType };
  try {
    const opened = await retry({ attempts: ATTEMPTS, maxMs: 10_000, signal, isWorthIt }, () =>
      gateway.openUpload(task.id, ask, signal),
    );
    const parts = opened.urls.map((url, index) => {
      const from = index * opened.partBytes;
      return { url, path, from, size: Math.max(0, Math.min(opened.partBytes, size - from)) };
    });
    const etags = await putAll(parts, signal);
    return { name, size, contentType, parts: etags.map((etag, index) => ({ partNumber: index + 1, etag })) };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof GatewayRefused && LOST.has(error.status))
      throw new AttemptLost(error.message, {}, { cause: error });
    const why = error instanceof Error ? error.message : String(error);
    throw new TaskFailed(
      'Output.NotStored',
      `The output ${name} (s3://${output.bucket}/${key}) cannot be stored: ${why}`,
      { cause: error },
    );
  }
}

/** Fills an upload for each file of an output that is a folder; their names are the output's with their path. */
export async function uploadFolder(
  gateway: GatewayClient,
  { output, path, ...rest }: Upload,
): Promise<UploadedOutput[]> {
  const files = await filesIn(path).catch((error: unknown) => {
    throw error instanceof TaskFailed ? error : missing(output.name, 'no folder', { cause: error });
  });
  if (files.length === 0) throw missing(output.name, 'an empty folder');
  if (files.length > MAX_FILES) throw missing(output.name, `${files.length} files, more than ${MAX_FILES},`);
  return each(files, PARALLEL_FILES, (file) => {
    const one = { name: `${output.name}/${file}`, bucket: output.bucket, key: output.key + file };
    return upload(gateway, { ...rest, output: one, path: join(path, file) });
  });
}

/** Paths below the folder. The function is dead, so nothing changes under our eyes; links are refused by `upload`. */
async function filesIn(dir: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(dir, below), { withFileTypes: true });
  const found = entries.map((entry) => {
    const path = below ? `${below}/${entry.name}` : entry.name;
    return entry.isDirectory() ? filesIn(dir, path) : [path];
  });
  return (await Promise.all(found)).flat().toSorted();
}

const missing = (name: string, what: string, options?: ErrorOptions) =>
  new TaskFailed('Output.Missing', `The function succeeded but wrote ${what} for its output ${name}`, options);

/** A function may put a link where its output should be, to have us read what it may not: only plain files count. */
async function sizeOf(name: string, path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  const outputs = path.slice(0, path.lastIndexOf(`${sep}${name.replaceAll('/', sep)}`));
  const inPlace = join(await realpath(dirname(outputs)), OUTPUTS, dirname(name));
  if (found?.isFile() && (await realpath(dirname(path))) === inPlace) return found.size;
  throw missing(name, 'no file');
}

/** A file with holes takes little of the disk, and all of its length of the network and the store. */
function take({ room, output: { name } }: Upload, size: number): void {
  room.bytes -= size;
  if (room.bytes >= 0) return;
  const message = `The outputs are longer than what the task may have on the disk: ${name} has ${size} bytes`;
  throw new TaskFailed('Function.DiskFull', message);
}

/** The results, in the items' order; some items at a time. */
async function each<Item, Result>(
  items: readonly Item[],
  parallel: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as Item);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return results;
}

/** The ETags, in the parts' order; some parts at a time. */
const putAll = (parts: readonly Part[], signal: AbortSignal): Promise<string[]> =>
  each(parts, PARALLEL_PARTS, (part) =>
    retry({ attempts: ATTEMPTS, maxMs: 10_000, signal, isWorthIt: () => true }, () => put(part, signal)),
  );

async function put({ url, path, from, size }: Part, signal: AbortSignal): Promise<string> {
  using deadline = new Deadline(STALL_MS, signal);
  const file = size === 0 ? Readable.from([]) : createReadStream(path, { start: from, end: from + size - 1 });
  file.on('data', () => deadline.touch());
  try {
    const request: RequestInit & { duplex: 'half' } = {
      method: 'PUT',
      headers: { 'content-length': String(size) },
      body: size === 0 ? '' : (Readable.toWeb(file) as NonNullable<RequestInit['body']>),
      duplex: 'half',
      signal: deadline.signal,
    };
    const response = await fetch(url, request);
    const text = await response.text();
    const etag = response.headers.get('etag');
    if (!response.ok || !etag) throw new Error(`the object store answered ${response.status}: ${text.slice(0, 300)}`);
    return etag;
  } finally {
    file.destroy();
  }
}
