import { lstat, opendir } from 'node:fs/promises';
import { sep } from 'node:path';

const BLOCK = 512;
/** A file takes a place in the tables of the file system, too, of which there are not endlessly many: what is empty counts as what holds one byte. */
const LEAST = 4_096;

/** A name is any bytes, which need not be text: here each is a letter, so that none is lost. */
const NAMES = 'latin1';
const named = (path: string): Buffer => Buffer.from(path, NAMES);

export interface FolderUse {
  readonly bytes: number;
  /** Something lies deeper than a path can name, and is not counted. */
  readonly isTooDeep: boolean;
}

/** What a folder takes of the disk, holes in files not counted. What goes while we look counts as nothing. Ends once it is more than `enough`. */
export async function folderUse(dir: string, enough = Number.POSITIVE_INFINITY): Promise<FolderUse> {
  const use = { bytes: 0, isTooDeep: false };
  const add = async (folder: string): Promise<void> => {
    for await (const entry of await opendir(named(folder), { bufferSize: 512, encoding: NAMES })) {
      if (use.bytes > enough) return;
      const path = folder + sep + entry.name;
      use.bytes += LEAST;
      await (entry.isDirectory() ? add(path) : more(path)).catch(missed);
    }
  };
  const more = async (path: string): Promise<void> => {
    use.bytes += Math.max(0, (await lstat(named(path))).blocks * BLOCK - LEAST);
  };
  const missed = (error: NodeJS.ErrnoException): void => void (use.isTooDeep ||= error.code === 'ENAMETOOLONG');
  await add(Buffer.from(dir).toString(NAMES)).catch(missed);
  return use;
}

export const folderBytes = async (dir: string): Promise<number> => (await folderUse(dir)).bytes;
