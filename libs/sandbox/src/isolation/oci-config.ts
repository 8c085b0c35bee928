import type { Network } from '@app/worker-api';
import { ociProfile } from '../seccomp/oci-profile.js';
import type { Shown } from '../sandbox.js';
import type { Place, Plan } from './isolator.js';
import { INSIDE, type Mount } from './layout.js';

/** Its first process: reaps what its descendants leave, and takes the rest with it when the program ends. Says nothing. */
const INIT = '"$@" & program=$!; { wait "$program"; } 2>/dev/null; exit $?';
/** The kernel kills the init, and so everything, when the runtime dies with the executor. */
const TIED = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'];

const MASKED = ['acpi', 'asound', 'kcore', 'keys', 'latency_stats', 'timer_list', 'timer_stats', 'sched_debug', 'scsi'];
const READ_ONLY = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'];
const tmpfs = (destination: string, ...options: string[]) => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', ...options],
});

export interface OciChoices {
  /** Where the runtime is to make its own cgroup, if it insists on one. */
  readonly cgroupsPath: string | undefined;
}

/** The bundle's config.json (opencontainers/runtime-spec 1.0.2). */
export function ociConfig(
  { argv, env, mounts, devices, network }: Plan,
  { root, user }: Place,
  choices: OciChoices,
): object {
  const isRoot = process.getuid?.() === 0;
  const none = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user,
      cwd: INSIDE.work,
      noNewPrivileges: true,
      args: [...TIED, '/bin/sh', '-c', INIT, 'sh', ...argv],
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      capabilities: none,
      rlimits: [
        { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
        { type: 'RLIMIT_NOFILE', hard: 4096, soft: 4096 },
      ],
      ...(isRoot && { oomScoreAdj: 500 }),
    },
    root: { path: root, readonly: true },
    hostname: 'function',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      tmpfs('/dev', 'noexec', 'strictatime', 'mode=755', 'size=64k'),
      tmpfs('/dev/shm', 'noexec', 'nodev', 'mode=1777', 'size=64m'),
      ...mounts.map(bind),
      ...devices.map(device),
    ],
    linux: {
      namespaces: namespaces(network, isRoot),
      ...(!isRoot && { uidMappings: mapped(user.uid), gidMappings: mapped(user.gid) }),
      ...(choices.cgroupsPath !== undefined && { cgroupsPath: choices.cgroupsPath }),
      maskedPaths: [...MASKED.map((name) => `/proc/${name}`), '/sys/firmware'],
      readonlyPaths: READ_ONLY.map((name) => `/proc/${name}`),
      seccomp: ociProfile(network === 'none' ? 'denied' : 'allowed'),
    },
  };
}

const mapped = (id: number): object[] => [{ containerID: id, hostID: id, size: 1 }];

const bind = ({ source, target, access }: Mount): object => ({
  destination: target,
  type: 'bind',
  source,
  options: ['rbind', access === 'write' ? 'rw' : 'ro', 'nosuid', 'nodev'],
});

/** Bound, not made: only root may make one, and the machine's own has the right owner. */
const device = ({ source, target }: Shown): object => ({
  destination: target,
  type: 'bind',
  source,
  options: ['bind', 'rw', 'nosuid', 'noexec'],
});

/** Root needs no user namespace to become somebody else; nobody else can do without. */
const namespaces = (network: Network, isRoot: boolean): object[] =>
  ['pid', 'ipc', 'uts', 'mount', 'cgroup', ...(network === 'host' ? [] : ['network']), ...(isRoot ? [] : ['user'])].map(
    (type) => ({ type }),
  );
