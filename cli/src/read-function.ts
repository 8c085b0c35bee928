import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { UsageError } from './connection.js';

type Manifest = Record<string, unknown> & { files?: Record<string, string> };

const MANIFEST = 'function.json';
const LEFT_OUT = /(^|\/)(\.git|\.DS_Store)(\/|$)/;

/**
 * What is sent to deploy a function: its manifest, with the code beside it. `files` in the manifest names single files
 * by their path; without it the whole folder goes along, installed packages included.
 */
export async function readFunction(path: string): Promise<Manifest> {
  const isFolder = statOf(path).isDirectory();
  const file = isFolder ? join(path, MANIFEST) : path;
  const manifest = readManifest(file);
  const { files } = manifest;
  if (files) return { ...manifest, files: mapValues(files, (source) => textOf(join(dirname(file), source))) };
  if (!isFolder) return manifest;
  const zip = await zipOf(path);
  return zip ? { ...manifest, zip: zip.toString('base64') } : manifest;
}

function readManifest(file: string): Manifest {
  try {
    return JSON.parse(textOf(file)) as Manifest;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/** Undefined if there is nothing but the manifest. The same files make the same bytes, so deploying twice changes nothing. */
async function zipOf(folder: string): Promise<Buffer | undefined> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => name !== MANIFEST && !LEFT_OUT.test(name))
    .toSorted();
  if (names.length === 0) return undefined;
  const zip = new ZipFile();
  const mtime = new Date('2000-01-01T00:00:00Z');
  for (const name of names) {
    const source = join(folder, name);
    zip.addFile(source, name, { mtime, mode: statSync(source).mode & 0o111 ? 0o100755 : 0o100644 });
  }
  zip.end();
  return buffer(zip.outputStream);
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    throw new UsageError(`There is no file or folder ${path}`);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${(error as Error).message}`);
  }
}

const mapValues = <A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
