import { runtimesDir } from './runtimes/runtimes-dir.js';
import type { SandboxFolders } from './sandbox.js';

/** What a program inside finds of the machine, and under which paths. */
export interface Surroundings {
  readonly path: string;
  readonly node: string;
  /** The folder of the bootstraps. */
  readonly runtimes: string;
  /** The file on this machine that is behind a path inside; undefined if nothing can be there. */
  onHost(path: string, folders: SandboxFolders): string | undefined;
}

/** Without isolation everything is where it is. */
export const ownSurroundings = (path: string): Surroundings => ({
  path,
  node: process.execPath,
  runtimes: runtimesDir(),
  onHost: (file) => file,
});
