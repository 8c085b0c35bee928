import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';

export interface UnzipLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

export class UnsafeArchive extends Error {}

const TYPE_MASK = 0o170_000;
const REGULAR_FILE = 0o100_000;
const FOLDER = 0o040_000;
const MAY_EXECUTE = 0o111;

/**
 * Unpacks into an empty folder. The archive may come from anyone: nothing is written outside the folder, no
 * links and no devices are made, and nothing grows beyond the limits, whatever the archive says of itself.
 */
export async function unzip(file: string, dir: string, limits: UnzipLimits): Promise<void> {
  const zip = await open(file);
  let bytes = 0;
  try {
    if (zip.entryCount > limits.maxEntries) throw new UnsafeArchive(`it has more than ${limits.maxEntries} entries`);
    for (let entry = await next(zip); entry; entry = await next(zip)) {
      bytes += entry.uncompressedSize;
      if (bytes > limits.maxBytes) throw new UnsafeArchive(`it is larger than ${limits.maxBytes} bytes unpacked`);
      await unpack(zip, entry, dir);
    }
  } finally {
    zip.close();
  }
}

async function unpack(zip: yauzl.ZipFile, entry: yauzl.Entry, dir: string): Promise<void> {
  const path = safePath(dir, entry);
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & TYPE_MASK;
  if (type !== 0 && type !== REGULAR_FILE && type !== FOLDER)
    throw new UnsafeArchive(`${entry.fileName} is not a plain file`);
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true, mode: 0o755 });
    return;
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const content = await openEntry(zip, entry); // Ends with an error if it is longer than the entry says.
  await pipeline(content, createWriteStream(path, { flags: 'wx', mode: mode & MAY_EXECUTE ? 0o555 : 0o444 }));
}

function safePath(dir: string, { fileName }: yauzl.Entry): string {
  const path = join(dir, fileName);
  const stays = path.startsWith(dir + sep) && !/[\\\0]/.test(fileName) && !fileName.startsWith('/');
  const isPlain = normalize(fileName) === fileName && !fileName.split('/').includes('..');
  if (!stays || !isPlain) throw new UnsafeArchive(`${JSON.stringify(fileName)} is not a path inside the archive`);
  return path;
}

const open = (file: string): Promise<yauzl.ZipFile> =>
  new Promise((resolve, reject) => {
    yauzl.open(
      file,
      { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: true },
      (error, zip) => (error ? reject(new UnsafeArchive(error.message)) : resolve(zip)),
    );
  });

function next(zip: yauzl.ZipFile): Promise<yauzl.Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      zip.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
      act();
    };
    zip.once('entry', (entry: yauzl.Entry) => settle(() => resolve(entry)));
    zip.once('end', () => settle(() => resolve(undefined)));
    zip.once('error', (error: Error) => settle(() => reject(new UnsafeArchive(error.message))));
    zip.readEntry();
  });
}

const openEntry = (zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> =>
  new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(new UnsafeArchive(error.message)) : resolve(stream)));
  });
