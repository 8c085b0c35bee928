import { Launcher } from './launcher.js';
import { ownPath } from './runtimes/launch.js';
import { type Instance, type InstanceSpec, Sandbox, type SandboxFolders } from './sandbox.js';
import { SandboxNotStarted } from './sandbox.errors.js';
import { ownSurroundings } from './surroundings.js';

export interface ProcessSandboxOptions {
  /** `never` searches for the processes instead, as on systems without cgroups. */
  readonly cgroups?: 'if-possible' | 'never';
  readonly cpu?: 'share' | 'ceiling';
}

/**
 * Plain processes, for any system: no isolation of files or network. Everything a program starts is found
 * again and killed, surely with a cgroup, as well as can be without.
 */
export class ProcessSandbox extends Sandbox {
  override readonly driver = 'process';
  override readonly socketDir = undefined;
  override readonly network = 'host';
  override readonly surroundings = ownSurroundings(ownPath());
  private readonly launcher: Launcher;
  private readonly cpu: 'share' | 'ceiling';

  constructor({ cgroups = 'if-possible', cpu = 'share' }: ProcessSandboxOptions = {}) {
    super();
    this.launcher = new Launcher(cgroups);
    this.cpu = cpu;
  }

  get owner(): string {
    return this.launcher.owner;
  }

  get controllers(): readonly string[] | undefined {
    return this.launcher.controllers;
  }

  override get protections(): readonly string[] {
    return [
      'a function gets a clean environment and a working folder of its own, and everything it starts ends with it',
    ];
  }

  override get weaknesses(): readonly string[] {
    return [
      'functions see the files, the network and the processes that this user sees, the environment of the executor with its token included',
      ...(process.getuid?.() === 0 ? ['functions run as root, so run only functions that you trust'] : []),
      ...(this.controllers
        ? []
        : ['a function that makes a daemon with a cleared environment can outlive its task (no writable cgroup)']),
      ...limitsMissing(this.launcher),
    ];
  }

  override view(folders: SandboxFolders): SandboxFolders {
    return folders;
  }

  /** The program is the same user as we are. */
  override async adopt(): Promise<void> {}

  override sweep(): Promise<number> {
    return this.launcher.sweep();
  }

  override async start({ id, argv, env, folders, limits }: InstanceSpec): Promise<Instance> {
    try {
      const name = this.launcher.nameOf(id);
      const { cpu } = this;
      return await this.launcher.start({ name, words: argv, env, cwd: folders.work, limits: { ...limits, cpu } });
    } catch (error) {
      throw new SandboxNotStarted(id, error);
    }
  }

  override async close(): Promise<void> {
    await this.launcher.close();
  }
}

/** What no driver can hold a program to without the cgroup for it. */
export const limitsMissing = (launcher: Launcher): string[] => [
  ...(launcher.has('memory') ? [] : ['memory limits are not enforced (no memory cgroup)']),
  ...(launcher.controllers
    ? []
    : [
        'processor time is what the processes show when they are looked at, twice a second; memory and bytes are not measured (no writable cgroup)',
      ]),
  ...(launcher.has('pids') ? [] : ['the number of processes is not limited (no pids cgroup)']),
];
