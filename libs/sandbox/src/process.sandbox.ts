import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cgroups } from './cgroups/cgroups.js';
import { findMarked, MARKER, SearchedMembers } from './processes/members.js';
import { newOwner, stateOf } from './processes/owner.js';
import { signalProcess } from './processes/processes.js';
import { ProcessInstance } from './process-instance.js';
import { type Instance, type InstanceSpec, Sandbox, type SandboxFolders } from './sandbox.js';
import { SandboxNotStarted } from './sandbox.errors.js';

export interface ProcessSandboxOptions {
  /** `never` searches for the processes instead, as on systems without cgroups. */
  readonly cgroups?: 'if-possible' | 'never';
}

/** Joins the cgroups (the first words are their number and files), then becomes the program. */
const JOIN = `
n=$1; shift
while [ "$n" -gt 0 ]; do echo 0 > "$1" || exit 126; shift; n=$((n - 1)); done
ulimit -c 0
exec "$@"`;

/**
 * Plain processes, for any system: no isolation of files or network. Everything a program starts is found
 * again and killed, surely with a cgroup, as well as can be without.
 */
export class ProcessSandbox extends Sandbox {
  override readonly driver = 'process';
  private readonly owner = newOwner();
  private readonly cgroups: Cgroups | undefined;
  private readonly tied = tiedToUs();
  private started = 0;

  constructor({ cgroups = 'if-possible' }: ProcessSandboxOptions = {}) {
    super();
    this.cgroups = cgroups === 'never' ? undefined : Cgroups.open(this.owner);
  }

  get controllers(): readonly string[] | undefined {
    return this.cgroups?.controllers;
  }

  override get weaknesses(): readonly string[] {
    const has = (controller: string) => this.cgroups?.controllers.includes(controller) ?? false;
    return [
      'functions see the files, the network and the processes that this user sees, the environment of the executor with its token included',
      ...(process.getuid?.() === 0 ? ['functions run as root, so run only functions that you trust'] : []),
      ...(this.cgroups
        ? []
        : ['a function that makes a daemon with a cleared environment can outlive its task (no writable cgroup)']),
      ...(has('memory') ? [] : ['memory limits are not enforced (no memory cgroup)']),
      ...(has('pids') ? [] : ['the number of processes is not limited (no pids cgroup)']),
    ];
  }

  override view(folders: SandboxFolders): SandboxFolders {
    return folders;
  }

  override async sweep(): Promise<number> {
    const swept = (await this.cgroups?.sweep()) ?? 0;
    const orphans = new Set<number>();
    for (let round = 0; round < 50; round++) {
      const found = findMarked((owner) => stateOf(owner) === 'dead').map(({ pid }) => pid);
      if (found.length === 0) break;
      for (const pid of found) signalProcess(pid, 'SIGSTOP');
      for (const pid of found) signalProcess(pid, 'SIGKILL');
      for (const pid of found) orphans.add(pid);
      await sleep(10);
    }
    return swept + orphans.size;
  }

  override async start(spec: InstanceSpec): Promise<Instance> {
    const name = `${spec.id.replaceAll(/[^\w-]/g, '_')}-${this.started++}`;
    const marker = `${this.owner}/${name}`;
    const cgroup = this.cgroups?.create(name, spec.limits);
    try {
      const join = cgroup?.joinFiles ?? [];
      const child = spawn('/bin/sh', ['-c', JOIN, 'sh', String(join.length), ...join, ...this.tied, ...spec.argv], {
        cwd: spec.folders.work,
        env: { ...spec.env, [MARKER]: marker },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true, // A session and a group of its own.
      });
      await once(child, 'spawn');
      return new ProcessInstance(child, cgroup ?? new SearchedMembers(pidOf(child), marker), cgroup);
    } catch (error) {
      cgroup?.remove();
      throw new SandboxNotStarted(spec.id, error);
    }
  }

  override async close(): Promise<void> {
    await this.cgroups?.close();
  }
}

const pidOf = ({ pid }: ChildProcess): number => {
  if (pid === undefined) throw new Error('the process has no pid');
  return pid;
};

/** Words before a program: the kernel kills it when we die, and it cannot gain privileges by setuid files. */
function tiedToUs(): readonly string[] {
  const words = ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--'];
  const [command = '', ...args] = words;
  return process.platform === 'linux' && spawnSync(command, [...args, 'true']).status === 0 ? words : [];
}
