import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A cgroup file system of this machine and, in it, the folder of the cgroup that we are in. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** v1: the controllers mounted here. v2: empty, the folder says which it has. */
  readonly controllers: readonly string[];
  readonly dir: string;
  readonly mountPoint: string;
}

export function readHierarchies(): Hierarchy[] {
  try {
    return parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
  } catch {
    return []; // Not Linux.
  }
}

/**
 * mountinfo (proc(5)):  36 35 0:30 /root/of/mount /sys/fs/cgroup/memory rw,… shared:9 - cgroup cgroup rw,memory
 * cgroup (cgroups(7)):  4:memory:/own/path     and for v2     0::/own/path
 */
export function parseHierarchies(mountinfo: string, ownCgroups: string): Hierarchy[] {
  const own = ownCgroups
    .split('\n')
    .map((line) => line.split(':'))
    .map(([, controllers = '', ...path]) => ({ controllers: controllers.split(','), path: path.join(':') }));
  return mountinfo.split('\n').flatMap((line): Hierarchy[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '/', mountPoint = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type === 'cgroup2') {
      const path = own.find(({ controllers }) => controllers[0] === '')?.path;
      return path === undefined
        ? []
        : [{ version: 2, controllers: [], dir: below(mountPoint, root, path), mountPoint }];
    }
    if (type !== 'cgroup') return [];
    const mine = own.find(({ controllers }) => controllers.some((name) => name && options.split(',').includes(name)));
    return mine
      ? [{ version: 1, controllers: mine.controllers, dir: below(mountPoint, root, mine.path), mountPoint }]
      : [];
  });
}

/** v1 and v2 side by side, a mixture that some OCI runtimes refuse to work with: where the v2 part is mounted. */
export function mountOfMixedV2(hierarchies: readonly Hierarchy[]): string | undefined {
  if (!hierarchies.some(({ version }) => version === 1)) return undefined;
  return hierarchies.find(({ version }) => version === 2)?.mountPoint;
}

/** In a container the mount shows only a part of the tree, from `root` on. */
function below(mountPoint: string, root: string, path: string): string {
  const relative = posix.relative(root, path);
  return relative.startsWith('..') ? mountPoint : join(mountPoint, relative);
}
