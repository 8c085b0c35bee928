import { EventEmitter, once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Instance, Sandbox, SandboxFolders } from '../sandbox.js';
import type { FunctionRun } from './function-run.js';
import { Gate } from './gate.js';
import { listenInside } from './inner-loopback.js';
import { isHeldBy } from './peers.js';
import { INSIDE_PORT, RuntimeApi } from './runtime-api.js';

/** The Runtime API of one instance, and the way by which it is reached from where the instance is. */
export interface Door {
  readonly api: RuntimeApi;
  readonly folders: SandboxFolders;
  /** The instance has a process: from now on it is let in. */
  admit(instance: Instance): Promise<void>;
  close(): Promise<void>;
}

/**
 * Our own bootstraps know of socket files and tokens. A program that brings a client of AWS' knows only a host and a
 * port: it gets a port on the loopback of its own network, or, where it has the network of the machine, one
 * of ours that answers only its processes.
 */
export async function openDoor(sandbox: Sandbox, run: FunctionRun): Promise<Door> {
  if (run.runtime !== 'provided') return bootstrapsDoor(sandbox, run);
  const isShared = sandbox.socketDir === undefined || (run.network ?? sandbox.network) === 'host';
  return isShared ? sharedDoor(run) : innerDoor(sandbox, run);
}

async function bootstrapsDoor(sandbox: Sandbox, { folders, concurrency }: FunctionRun): Promise<Door> {
  const own = await ownFolder(sandbox);
  const api = new RuntimeApi('token', concurrency);
  await api.listen(own === undefined ? 'loopback' : { dir: own });
  return doorOf(api, { ...folders, ...(own !== undefined && { api: own }) });
}

async function sharedDoor({ folders, concurrency }: FunctionRun): Promise<Door> {
  let instance: Instance | undefined;
  const known = new WeakSet<Socket>();
  const isOurs = (socket: Socket): boolean => {
    if (known.has(socket) || process.platform !== 'linux') return true;
    if (!instance || !isHeldBy(instance.processes(), socket)) return false;
    known.add(socket);
    return true;
  };
  const start = new EventEmitter();
  const isAdmitted = once(start, 'admitted');
  const api = new RuntimeApi((socket) => isAdmitted.then(() => isOurs(socket)), concurrency);
  await api.listen('loopback');
  const admit = async (started: Instance) => {
    instance = started;
    start.emit('admitted');
  };
  return { ...doorOf(api, folders), admit };
}

async function innerDoor(sandbox: Sandbox, { folders, concurrency }: FunctionRun): Promise<Door> {
  const own = await ownFolder(sandbox);
  const door = doorOf(new RuntimeApi(() => true, concurrency), { ...folders, ...(own !== undefined && { api: own }) });
  if (own === undefined) return door;
  const gate = Gate.make(own);
  const admit = async (instance: Instance) => {
    const pipe = await gate.reached(instance.exited);
    if (!pipe) return; // It has ended: its exit says why.
    const inside = [...instance.expected()].at(-1);
    if (inside !== undefined) await door.api.listen({ server: await listenInside(inside, INSIDE_PORT) });
    pipe.open();
  };
  return { ...door, admit };
}

const doorOf = (api: RuntimeApi, folders: SandboxFolders): Door => ({
  api,
  folders,
  async admit() {},
  async close() {
    api.close();
    if (folders.api !== undefined) await rm(folders.api, { recursive: true, force: true });
  },
});

async function ownFolder({ socketDir }: Sandbox): Promise<string | undefined> {
  if (socketDir === undefined) return undefined;
  const dir = await mkdtemp(join(socketDir, 'i-'));
  await chmod(dir, 0o711); // The function's user goes through; what is inside belongs to it.
  return dir;
}
