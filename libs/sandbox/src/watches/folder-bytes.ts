import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK = 512;

/** What a folder takes of the disk, holes in files not counted. What goes while we look counts as nothing. */
export async function folderBytes(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    const path = join(dir, entry.name);
    bytes += entry.isDirectory()
      ? await folderBytes(path)
      : await lstat(path).then(({ blocks }) => blocks * BLOCK, nothing);
  }
  return bytes;
}

const nothing = (): number => 0;
