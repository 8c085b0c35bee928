import { setTimeout as sleep } from 'node:timers/promises';
import { SandboxNotStarted } from '../sandbox.errors.js';
import type { Instance, Meter, Sandbox, SandboxFolders } from '../sandbox.js';
import { type Door, openDoor } from './door.js';
import type { FunctionRun } from './function-run.js';
import { HandlerInstance } from './handler-instance.js';
import { decidesTheStart, launchHandler, launchTemplate } from './launch.js';
import { linkTree } from './link-tree.js';
import { instanceSpec, limitsOf } from './watch.js';

const READY_MS = 30_000;

/** What cannot be changed any more once a runtime is up. */
export type TemplateShape = Pick<FunctionRun, 'runtime' | 'network' | 'memoryMb'>;

export interface TemplateFolders extends SandboxFolders {
  /** Empty. What is linked into it is the code. */
  readonly code: string;
}

/** Whether a function may begin as a runtime that is up already; one that needs devices may not. */
export const canBeTemplate = ({ runtime, environment }: Pick<FunctionRun, 'runtime' | 'environment'>): boolean =>
  (runtime === 'nodejs' || runtime === 'python') && !Object.keys(environment).some(decidesTheStart);

/**
 * A runtime that is up in a sandbox of its own (namespaces, cgroup, filter and folders are those of any instance) and has
 * seen no tenant's code, data or name. It waits at the Runtime API to be told what it is, once: then it is the
 * instance of one version of a function, and nothing is left of the template.
 */
export class Template implements Meter {
  readonly isReady = true;
  private isGone = false;

  private constructor(
    private readonly sandbox: Sandbox,
    private readonly instance: Instance,
    private readonly door: Door,
    private readonly folders: TemplateFolders,
  ) {
    void instance.exited.then(() => (this.isGone = true));
  }

  /** Resolves when it waits. Rejects with `SandboxNotStarted`. */
  static async start(sandbox: Sandbox, id: string, shape: TemplateShape, folders: TemplateFolders): Promise<Template> {
    const run = blank(id, shape, folders);
    const door = await openDoor(sandbox, run);
    let instance: Instance | undefined;
    try {
      const { surroundings } = sandbox;
      const site = { run: { ...run, folders: sandbox.view(door.folders) }, folders: door.folders, surroundings };
      const launch = launchTemplate(site, door.api);
      if ('failure' in launch) throw new Error(launch.failure.error);
      instance = await sandbox.start(instanceSpec(run, door.folders, launch));
      const { exited } = instance;
      const isUp = await Promise.race([
        door.api.loadAsked().then(() => true),
        exited.then(() => false),
        sleep(READY_MS, false, { ref: false }),
      ]);
      if (!isUp) throw new Error('the runtime did not come up');
      // Nobody reads what it prints before it is somebody's; it prints nothing.
      return new Template(sandbox, instance, door, folders);
    } catch (error) {
      await instance?.kill();
      await instance?.release();
      await door.close();
      throw error instanceof SandboxNotStarted ? error : new SandboxNotStarted(id, error);
    }
  }

  total(): ReturnType<Meter['total']> {
    return this.instance.total();
  }

  /** Settles when it is gone, or what became of it. */
  get gone(): Promise<unknown> {
    return this.instance.exited;
  }

  /** Whoever calls this has it alone. Its working folder is that of the run. Rejects if it cannot be: end it then. */
  async become(run: FunctionRun): Promise<HandlerInstance> {
    const begunAt = performance.now();
    const { sandbox, instance, door } = this;
    const folders = await this.withCode(run);
    if (this.isGone) throw new Error('it has ended by itself');
    instance.limit(limitsOf(run));
    instance.measure();
    const site = { run: { ...run, folders: sandbox.view(folders) }, folders, surroundings: sandbox.surroundings };
    const launch = launchHandler(site, door.api);
    if ('failure' in launch) throw new Error(launch.failure.error);
    door.api.concurrency = run.concurrency ?? 1;
    door.api.load(launch.env);
    return new HandlerInstance(sandbox, { instance, door, begunAt, concurrency: run.concurrency });
  }

  async end(): Promise<void> {
    await this.instance.kill();
    await this.instance.release();
    await this.door.close();
  }

  /** Where everything is seen as it is, the code is seen where it is. */
  private async withCode({ folders: { code } }: FunctionRun): Promise<SandboxFolders> {
    const { sandbox, door, folders } = this;
    if (code === undefined) return door.folders;
    if (sandbox.view(folders).code === folders.code) return { ...door.folders, code };
    await linkTree(code, folders.code);
    return door.folders;
  }
}

const blank = (id: string, { runtime, network, memoryMb }: TemplateShape, folders: TemplateFolders): FunctionRun => ({
  id,
  attempt: 1,
  name: '',
  version: 0,
  runtime,
  environment: {},
  memoryMb,
  ...(network && { network }),
  payload: null,
  inputs: {},
  outputs: {},
  folders,
  context: { namespace: '' },
  timeoutMs: 0,
  graceMs: 0,
});
