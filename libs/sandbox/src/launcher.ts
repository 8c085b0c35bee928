import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cgroups } from './cgroups/cgroups.js';
import type { CgroupLimits } from './cgroups/cgroup-folder.js';
import { findMarked, MARKER, SearchedMembers } from './processes/members.js';
import { newOwner, stateOf } from './processes/owner.js';
import { signalProcess } from './processes/processes.js';
import { ProcessInstance } from './process-instance.js';

export interface Launch {
  /** Unique among what runs on this machine; it names the cgroup. */
  readonly name: string;
  /** The program with the driver's own words in front of it. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly limits: CgroupLimits;
  /** Read by the child as its file descriptors 3, 4, … */
  readonly inputs?: readonly Buffer[];
  /** How many processes of the driver stand between the child and the program. */
  readonly helpers?: number;
  /** Runs when everything of it is dead. */
  readonly onRelease?: () => Promise<void>;
}

/** Joins the cgroups (the first words are their number and files), then becomes the program. */
const JOIN = `
n=$1; shift
while [ "$n" -gt 0 ]; do echo 0 > "$1" || exit 126; shift; n=$((n - 1)); done
ulimit -c 0
exec "$@"`;

/** Starts processes so that they and all that they start are found again: in a cgroup, or else by searching. */
export class Launcher {
  readonly owner = newOwner();
  private readonly cgroups: Cgroups | undefined;
  private readonly tied = tiedToUs();
  private started = 0;

  constructor(cgroups: 'if-possible' | 'never') {
    this.cgroups = cgroups === 'never' ? undefined : Cgroups.open(this.owner);
  }

  /** Undefined without cgroups. */
  get controllers(): readonly string[] | undefined {
    return this.cgroups?.controllers;
  }

  has(controller: string): boolean {
    return this.cgroups?.controllers.includes(controller) ?? false;
  }

  nameOf(id: string): string {
    return `${id.replaceAll(/[^\w-]/g, '_')}-${this.started++}`;
  }

  /** In the environment of everything that is started under this name. */
  markerOf(name: string): Record<string, string> {
    return { [MARKER]: `${this.owner}/${name}` };
  }

  async start({ name, words, env, cwd, limits, inputs = [], ...options }: Launch): Promise<ProcessInstance> {
    const cgroup = this.cgroups?.create(name, limits);
    try {
      const join = cgroup?.joinFiles ?? [];
      const child = spawn('/bin/sh', ['-c', JOIN, 'sh', String(join.length), ...join, ...this.tied, ...words], {
        cwd,
        env: { ...env, ...this.markerOf(name) },
        stdio: ['ignore', 'pipe', 'pipe', ...inputs.map(() => 'pipe' as const)],
        detached: true, // A session and a group of its own.
      });
      await once(child, 'spawn');
      for (const [index, bytes] of inputs.entries()) feed(child.stdio[index + 3], bytes);
      const members = cgroup ?? new SearchedMembers(pidOf(child), `${this.owner}/${name}`);
      return new ProcessInstance(child, { ...options, members, cgroup });
    } catch (error) {
      cgroup?.remove();
      throw error;
    }
  }

  /** Ends and removes what executors left that are no longer alive. Returns how many sandboxes that were. */
  async sweep(): Promise<number> {
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

  async close(): Promise<void> {
    await this.cgroups?.close();
  }
}

function feed(pipe: Readable | Writable | null | undefined, bytes: Buffer): void {
  if (!pipe || !('end' in pipe)) return;
  pipe.on('error', () => {}); // It ended before it had read: its exit says why.
  pipe.end(bytes);
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
