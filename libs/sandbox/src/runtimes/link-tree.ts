import { link, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Of a folder with more than this a mount is cheaper than names for all of it. */
const MAX_ENTRIES = 1_000;

export class TooManyFiles extends Error {}

/**
 * A folder with other names for the same files: what is in it appears inside of a sandbox that is shown this folder
 * already, without a mount, which only root could make there.
 */
export async function linkTree(from: string, to: string): Promise<void> {
  let left = MAX_ENTRIES;
  const walk = async (source: string, target: string): Promise<void> => {
    const entries = await readdir(source, { withFileTypes: true });
    left -= entries.length;
    if (left < 0) throw new TooManyFiles(`${from} has more than ${MAX_ENTRIES} files`);
    await Promise.all(
      entries.map(async (entry) => {
        const [source2, target2] = [join(source, entry.name), join(target, entry.name)];
        if (!entry.isDirectory()) return link(source2, target2);
        await mkdir(target2, { mode: 0o755 });
        return walk(source2, target2);
      }),
    );
  };
  await walk(from, to);
}
