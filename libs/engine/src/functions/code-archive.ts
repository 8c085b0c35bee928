import { finished } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import { InvalidRequest } from '@app/common';
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { type Files, pathConflicts, pathProblem } from './file-path.js';

const MB = 1024 * 1024;
export const MAX_ZIPPED_BYTES = 50 * MB;
export const MAX_UNZIPPED_BYTES = 250 * MB;
export const MAX_ENTRIES = 10_000;

const FILE_TYPE_MASK = 0o170_000;
const REGULAR_FILE = 0o100_000;

/** With no time zone in it, so that the same files are the same bytes everywhere. */
const NO_TIME = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true };

/** Zips files so that the same files always give the same bytes: sorted, without times, stored as they are. */
export async function packFiles(files: Files): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [path, content] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const data = Buffer.from(content as string);
    // A script that names its interpreter is meant to be run.
    const mode = data.subarray(0, 2).toString('latin1') === '#!' ? 0o100_755 : 0o100_644;
    // deflate's output may change with zlib's version; bytes that are only stored cannot.
    zip.addBuffer(data, path, { ...NO_TIME, mode, compress: false });
  }
  zip.end();
  return buffer(zip.outputStream as Readable);
}

/**
 * Reads an archive through to its end and gives the paths of its files. What could write outside its folder, is
 * not a plain file, or is larger than it says is refused here, before anything unpacks it.
 */
export async function inspectArchive(archive: Buffer): Promise<string[]> {
  if (archive.length > MAX_ZIPPED_BYTES) throw refused('is larger than 50 MB');
  const zip = await open(archive);
  if (zip.entryCount > MAX_ENTRIES) throw refused(`has ${zip.entryCount} entries; ${MAX_ENTRIES} are allowed`);
  const paths: string[] = [];
  let unzippedBytes = 0;
  for (let entry = await next(zip); entry; entry = await next(zip)) {
    const isFolder = entry.fileName.endsWith('/');
    check(entry, isFolder);
    unzippedBytes += entry.uncompressedSize;
    if (unzippedBytes > MAX_UNZIPPED_BYTES) throw refused('is larger than 250 MB when unpacked');
    if (isFolder) continue;
    await drain(zip, entry);
    paths.push(entry.fileName);
  }
  const [conflict] = pathConflicts(paths);
  if (conflict) throw refused(conflict);
  return paths;
}

const refused = (message: string) => new InvalidRequest([{ pointer: '/zip', message }]);

function check(entry: yauzl.Entry, isFolder: boolean): void {
  const name = JSON.stringify(entry.fileName);
  const problem = pathProblem(isFolder ? entry.fileName.slice(0, -1) : entry.fileName);
  if (problem) throw refused(`has an entry ${name}: it ${problem}`);
  if (entry.isEncrypted()) throw refused(`has an encrypted entry ${name}`);
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK;
  if (!isFolder && type !== 0 && type !== REGULAR_FILE) {
    throw refused(`has an entry ${name} that is a link or a device; only plain files are allowed`);
  }
}

function open(archive: Buffer): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    // Names are checked by our own rule, whose message says more.
    const options = { lazyEntries: true, validateEntrySizes: true, strictFileNames: true, decodeStrings: true };
    yauzl.fromBuffer(archive, options, (error, zip) => {
      if (error) reject(refused(`is not a zip archive: ${error.message}`));
      else resolve(zip);
    });
  });
}

function next(zip: yauzl.ZipFile): Promise<yauzl.Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      zip.removeAllListeners();
      act();
    };
    zip.once('entry', (entry: yauzl.Entry) => settle(() => resolve(entry)));
    zip.once('end', () => settle(() => resolve(undefined)));
    zip.once('error', (error: Error) => settle(() => reject(refused(`is not sound: ${error.message}`))));
    zip.readEntry();
  });
}

async function drain(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<void> {
  try {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    await finished(stream.resume());
  } catch (error) {
    throw refused(`has an entry ${JSON.stringify(entry.fileName)} that cannot be read: ${(error as Error).message}`);
  }
}
