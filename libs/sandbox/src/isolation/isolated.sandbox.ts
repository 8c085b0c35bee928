import { chown, lchown, mkdir, readdir, rm } from 'node:fs/promises';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Network } from '@app/worker-api';
import { Launcher } from '../launcher.js';
import { limitsMissing } from '../process.sandbox.js';
import { stateOf } from '../processes/owner.js';
import { type Instance, type InstanceSpec, Sandbox, type SandboxFolders } from '../sandbox.js';
import { SandboxNotStarted } from '../sandbox.errors.js';
import type { Surroundings } from '../surroundings.js';
import type { Isolator, Place } from './isolator.js';
import { INSIDE, Layout, type User } from './layout.js';
import type { Programs } from './programs.js';
import { isolatedSurroundings } from './isolated-surroundings.js';

/** Of nobody: systemd's table of user ids has 60578 to 61183 as unused. */
const OF_NOBODY: User = { uid: 60_700, gid: 60_700 };
const PREFIX = 'spool-';

export interface IsolationOptions {
  readonly cgroups?: 'if-possible' | 'never';
  readonly cpu?: 'share' | 'ceiling';
  /** What functions get that do not say. */
  readonly network?: Network;
  /** Shown inside, readable, where they are. */
  readonly paths?: readonly string[];
}

/** A sandbox of namespaces: a file system, processes and (unless told otherwise) a network of its own. */
export class IsolatedSandbox extends Sandbox {
  override readonly surroundings: Surroundings;
  override readonly socketDir: string;
  private readonly launcher: Launcher;
  private readonly layout: Layout;
  private readonly isolator: Isolator;
  private readonly place: Place;

  constructor(
    isolatorFor: (place: Place) => Isolator,
    programs: Programs,
    private readonly options: IsolationOptions = {},
  ) {
    super();
    this.launcher = new Launcher(options.cgroups ?? 'if-possible');
    const dir = join(tmpdir(), PREFIX + this.launcher.owner);
    const user = process.getuid?.() === 0 ? OF_NOBODY : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    this.place = { dir, root: join(dir, 'root'), user };
    this.socketDir = join(dir, 'api');
    mkdirSync(this.socketDir, { recursive: true });
    chmodSync(dir, 0o711); // Sockets below are for the function's user.
    this.layout = new Layout(this.place.root, programs, user);
    this.surroundings = isolatedSurroundings(programs, this.layout);
    this.isolator = isolatorFor(this.place);
  }

  get owner(): string {
    return this.launcher.owner;
  }

  get controllers(): readonly string[] | undefined {
    return this.launcher.controllers;
  }

  override get network(): Network {
    return this.options.network ?? 'host';
  }

  override get driver(): string {
    return this.isolator.driver;
  }

  override get protections(): readonly string[] {
    return this.isolator.protections;
  }

  override get weaknesses(): readonly string[] {
    const isOpen = this.network === 'host';
    return [
      ...this.isolator.weaknesses,
      ...(isOpen ? ['functions that do not ask for less reach the network that the executor reaches'] : []),
      ...limitsMissing(this.launcher),
    ];
  }

  override view({ code, api }: SandboxFolders): SandboxFolders {
    return {
      work: INSIDE.work,
      ...(code !== undefined && { code: INSIDE.code }),
      ...(api !== undefined && { api: INSIDE.api }),
    };
  }

  override adopt(folders: SandboxFolders): Promise<void> {
    return this.handOver(folders);
  }

  override async sweep(): Promise<number> {
    const swept = await this.launcher.sweep();
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX) && /^spool-\d+-\d+-\d+-/.test(name));
    for (const name of left) {
      if (stateOf(name.slice(PREFIX.length)) === 'dead')
        await rm(join(tmpdir(), name), { recursive: true, force: true });
    }
    return swept;
  }

  override async start({ id, argv, env, folders, limits, attached, network }: InstanceSpec): Promise<Instance> {
    const name = this.launcher.nameOf(id);
    const reach = network ?? this.network;
    try {
      await this.handOver(folders);
      const {
        words,
        env: own,
        inputs,
      } = await this.isolator.command({
        name,
        argv,
        env: { ...env, ...this.launcher.markerOf(name) },
        mounts: [
          ...this.layout.mountsOf(folders, reach === 'host' ? 'host' : 'own'),
          ...this.layout.furnished(attached?.mounts ?? []),
        ],
        devices: attached?.devices ?? [],
        network: reach,
      });
      return await this.launcher.start({
        name,
        words,
        env: own,
        ...(inputs && { inputs }),
        cwd: '/',
        limits: { ...limits, cpu: this.options.cpu ?? 'share' },
        helpers: this.isolator.helpers,
        onRelease: () => this.isolator.release(name),
      });
    } catch (error) {
      await this.isolator.release(name);
      throw new SandboxNotStarted(id, error);
    }
  }

  override async close(): Promise<void> {
    await this.launcher.close();
    rmSync(this.place.dir, { recursive: true, force: true });
  }

  /** Of an executor that is root the function's folders become the function's. */
  private async handOver({ work, api }: SandboxFolders): Promise<void> {
    await mkdir(join(work, 'tmp'), { recursive: true });
    if (process.getuid?.() !== 0) return;
    await this.own(work);
    if (api) for (const entry of await readdir(api)) await chown(join(api, entry), this.place.user.uid, -1);
  }

  private async own(path: string): Promise<void> {
    const { uid, gid } = this.place.user;
    await lchown(path, uid, gid);
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory()) await this.own(join(path, entry.name));
      else await lchown(join(path, entry.name), uid, gid);
    }
  }
}
