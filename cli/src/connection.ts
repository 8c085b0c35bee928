import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Connection {
  /** Of the API, without a slash at its end. */
  readonly url: string;
  readonly key: string;
}

export interface Given {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
}

interface AccessFile {
  readonly apiUrl: string;
  readonly apiKey?: string;
}

/** A mistake of the caller's, told in one line. */
export class UsageError extends Error {}

/**
 * Where Spool answers, and as whom we ask: by option, by SPOOL_URL and SPOOL_API_KEY, or as a Spool that was started
 * in this folder or one above it wrote down.
 */
export function findConnection(given: Given, env: NodeJS.ProcessEnv, folder: string): Connection {
  const wrote = readAccessFile(env['SPOOL_DATA_DIR'] ? [env['SPOOL_DATA_DIR']] : dataFolders(folder));
  const url = given.url ?? env['SPOOL_URL'] ?? wrote?.apiUrl;
  const isOther = url !== wrote?.apiUrl; // A key is never shown to another server than its own.
  const key = given.key ?? env['SPOOL_API_KEY'] ?? (isOther ? undefined : wrote?.apiKey);
  if (!url) throw new UsageError('No Spool was started in this folder: give --url, or set SPOOL_URL');
  if (!key) throw new UsageError(`No API key for ${url}: give --key, or set SPOOL_API_KEY`);
  return { url: url.replace(/\/+$/, ''), key };
}

function readAccessFile(folders: readonly string[]): AccessFile | undefined {
  const path = folders.map((folder) => join(folder, 'access.json')).find((file) => existsSync(file));
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as AccessFile);
}

function dataFolders(folder: string): string[] {
  const parent = dirname(folder);
  return [join(folder, '.spool'), ...(parent === folder ? [] : dataFolders(parent))];
}
