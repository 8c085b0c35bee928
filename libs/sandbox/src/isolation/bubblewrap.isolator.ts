import type { Network } from '@app/worker-api';
import { seccompFilter } from '../seccomp/filter.js';
import { type Command, type Isolator, PLAIN_ENV, type Place, type Plan } from './isolator.js';
import { INSIDE, type Mount, type User } from './layout.js';

/** Left to root for the moment in which it becomes the function's user. */
const TO_BECOME = ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'];
/** As the function's user: root without privileges may not enter another's folder. */
const IN_ITS_FOLDER = ['/bin/sh', '-c', `cd ${INSIDE.work} && exec "$@"`, 'sh'];
const FILTER_FD = '3';

/**
 * bubblewrap: namespaces without an OCI runtime. It brings an init that reaps, and dies with the executor.
 * Run by root it makes no user namespace, in which root would stay root to files of the machine: the program
 * becomes an ordinary user by setpriv instead.
 */
export function bubblewrapIsolator(program: string, { root, user }: Place): Isolator {
  const filters = new Map<Network, Buffer | undefined>();
  const filterFor = (network: Network) => {
    if (!filters.has(network))
      filters.set(network, seccompFilter(process.arch, network === 'none' ? 'denied' : 'allowed'));
    return filters.get(network);
  };
  const isRoot = process.getuid?.() === 0;
  return {
    driver: 'bubblewrap',
    helpers: 2,
    protections: [
      "a function sees no files of this machine but the system's programs, no other processes, and runs without root and privileges",
      'system calls that no function needs are refused',
    ],
    weaknesses: [
      'functions share the kernel with the machine',
      ...(filterFor('host') ? [] : [`system calls are not filtered (no table for ${process.arch})`]),
    ],
    async command({ argv, env, mounts, devices, network }: Plan): Promise<Command> {
      const filter = filterFor(network);
      const words = [
        program,
        ...fileSystem(root),
        ...mounts.flatMap(bind),
        ...devices.flatMap(({ source, target }) => ['--dev-bind', source, target]),
        ...NAMESPACES,
        ...(network === 'host' ? [] : ['--unshare-net']),
        ...(isRoot ? [] : ['--unshare-user', '--uid', String(user.uid), '--gid', String(user.gid)]),
        ...(isRoot ? TO_BECOME.flatMap((capability) => ['--cap-add', capability]) : []),
        ...(filter ? ['--seccomp', FILTER_FD] : []),
        '--',
        ...(isRoot ? becoming(user) : []),
        '/usr/bin/env',
        '-i',
        ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
        ...IN_ITS_FOLDER,
        ...argv,
      ];
      return { words, env: PLAIN_ENV, ...(filter && { inputs: [filter] }) };
    },
    async release() {},
  };
}

const bind = ({ source, target, access }: Mount): string[] => [
  access === 'write' ? '--bind' : '--ro-bind',
  source,
  target,
];

const wordsOf = (line: string): string[] => line.split(' ');

const fileSystem = (root: string): string[] => [
  '--ro-bind',
  root,
  '/',
  ...wordsOf('--dev /dev --proc /proc --perms 1777 --tmpfs /dev/shm'),
];

const NAMESPACES = wordsOf(
  '--unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --hostname function --die-with-parent --new-session --chdir / --cap-drop ALL',
);

const becoming = ({ uid, gid }: User): string[] =>
  wordsOf(
    `/usr/bin/setpriv --reuid=${uid} --regid=${gid} --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs --`,
  );
