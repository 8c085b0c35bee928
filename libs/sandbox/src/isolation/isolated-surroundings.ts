import { join } from 'node:path';
import type { SandboxFolders } from '../sandbox.js';
import type { Surroundings } from '../surroundings.js';
import { INSIDE, type Layout } from './layout.js';
import { isBelow, isOfSystem, type Programs, TOOLS_DIR } from './programs.js';

/** What a program sees through a layout. */
export const isolatedSurroundings = (programs: Programs, layout: Layout): Surroundings => ({
  path: programs.path,
  node: programs.tools.node ? join(TOOLS_DIR, 'node') : process.execPath,
  runtimes: INSIDE.runtimes,
  onHost(file, folders) {
    const own = ownFolder(file, folders);
    if (own) return own;
    if (isOfSystem(file)) return file;
    return sourceOf(file, layout);
  },
});

function ownFolder(file: string, { work, code }: SandboxFolders): string | undefined {
  if (code && isBelow(file, INSIDE.code)) return code + file.slice(INSIDE.code.length);
  return isBelow(file, INSIDE.work) ? work + file.slice(INSIDE.work.length) : undefined;
}

function sourceOf(file: string, { mounts }: Layout): string | undefined {
  const mount = mounts.find(({ target }) => isBelow(file, target));
  return mount && mount.source + file.slice(mount.target.length);
}
