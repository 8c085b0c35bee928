import { mkdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mountOfMixedV2, readHierarchies } from '../cgroups/hierarchies.js';
import { type Command, type Isolator, PLAIN_ENV, type Place, type Plan } from './isolator.js';
import { ociConfig } from './oci-config.js';

/** Words that each runtime needs so that it leaves the cgroup to us. */
const OWN_ARGS: Readonly<Record<string, readonly string[]>> = {
  crun: ['--cgroup-manager=disabled'],
  runsc: ['--ignore-cgroups', '--network=host', '--host-uds=open'],
};

export interface OciRuntime {
  /** The runtime's program. */
  readonly program: string;
  /** Instead of what we give it by its name. */
  readonly args?: readonly string[];
}

/** A runtime that refuses v1 and v2 side by side does not see the v2 part; `slave`, so that mounts still come in. */
function withoutMixedV2(): string[] {
  const mount = mountOfMixedV2(readHierarchies());
  if (mount === undefined || process.getuid?.() !== 0) return [];
  return ['unshare', '-m', '--propagation', 'slave', 'sh', '-c', 'umount "$0"; exec "$@"', mount];
}

/** crun, runc, runsc or kata: one container for each sandbox, made from a bundle that holds only its config.json. */
export function ociIsolator({ program, args }: OciRuntime, place: Place): Isolator {
  const name = basename(program);
  const bundles = join(place.dir, 'bundles');
  const state = join(place.dir, 'state');
  const prefix = name === 'crun' ? withoutMixedV2() : [];
  for (const dir of [bundles, state]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    driver: 'oci',
    helpers: 2,
    protections: [
      `a function sees no files of this machine but the system's programs, no other processes, and runs without root and privileges (${name})`,
      'system calls that no function needs are refused',
    ],
    weaknesses: ['functions share the kernel with the machine'].filter(() => name === 'crun' || name === 'runc'),
    async command(plan: Plan): Promise<Command> {
      const bundle = join(bundles, plan.name);
      await mkdir(bundle);
      await writeFile(join(bundle, 'config.json'), JSON.stringify(ociConfig(plan, place, { cgroupsPath: undefined })));
      const own = args ?? OWN_ARGS[name] ?? [];
      return {
        words: [...prefix, program, '--root', state, ...own, 'run', '--bundle', bundle, plan.name],
        env: PLAIN_ENV,
      };
    },
    /** A runtime that was killed with its container leaves its notes. */
    async release(plan) {
      await rm(join(bundles, plan), { recursive: true, force: true });
      await rm(join(state, plan), { recursive: true, force: true });
    },
  };
}
