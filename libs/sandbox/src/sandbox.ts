import type { Readable } from 'node:stream';
import type { Network } from '@app/worker-api';
import type { Surroundings } from './surroundings.js';

export interface SandboxLimits {
  readonly memoryBytes?: number;
  /** Processes and threads together. */
  readonly pids?: number;
  /** Cores: the share when there is not enough for all; a ceiling if the executor is set up so. */
  readonly vcpu?: number;
}

/** The folders a sandbox works with. A driver with a file system of its own shows them elsewhere: see `view`. */
export interface SandboxFolders {
  /** The only one that may be written; the working directory. */
  readonly work: string;
  /** The function's files; absent for a command that has none. */
  readonly code?: string;
  /** Holds the socket of the Runtime API, where a sandbox cannot reach our loopback. */
  readonly api?: string;
}

/** A file or folder of this machine, and where it is seen inside. */
export interface Shown {
  readonly source: string;
  readonly target: string;
}

/** What belongs to the devices that a task was allotted. A driver that isolates nothing has it all in any case. */
export interface Attached {
  /** Device nodes, beside those that everybody has. */
  readonly devices: readonly Shown[];
  /** Of the device's driver, to be read. */
  readonly mounts: readonly Shown[];
}

export interface InstanceSpec {
  /** Unique among what runs on this machine; it names the cgroup. */
  readonly id: string;
  readonly argv: readonly string[];
  /** All of the environment: nothing of ours is added but a marker. */
  readonly env: Readonly<Record<string, string>>;
  readonly folders: SandboxFolders;
  readonly limits: SandboxLimits;
  readonly attached?: Attached;
  /** `host` where nothing is said. A driver that cannot keep a program off the network says so in its weaknesses. */
  readonly network?: Network;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ResourceUsage {
  readonly cpuMs?: number;
  readonly peakMemoryBytes?: number;
  readonly oomKills?: number;
  readonly readBytes?: number;
  readonly writtenBytes?: number;
}

/** Reads what an instance uses, while it lives. */
export interface Meter {
  /** It has come so far that it can serve. */
  readonly isReady: boolean;
  /** Since its start; `memoryBytes` is what it uses now. */
  total(): ResourceUsage & { readonly memoryBytes?: number };
}

export interface KillFindings {
  /** Every process that was found alive, the first one included. */
  readonly found: readonly number[];
  readonly left: number;
}

/** A started process with all that comes of it. It holds resources until `release`. */
export interface Instance {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The end of the first process; its descendants may live on until `kill`. */
  readonly exited: Promise<Exit>;
  /** Every living process of the sandbox. */
  processes(): readonly number[];
  /** Those that are there by our own doing: the driver's helpers and the first process of the program. */
  expected(): ReadonlySet<number>;
  /** Asks every process to stop. */
  terminate(): void;
  /** Kills until nothing is left, or until a deadline that only an unkillable process (state D) can reach. */
  kill(): Promise<KillFindings>;
  /** Since the start, or since `measure`. */
  usage(): ResourceUsage;
  /** Since the start, whatever was measured in between; `memoryBytes` is now. */
  total(): ResourceUsage & { readonly memoryBytes?: number };
  /** Counts from here; the peak of memory as exactly as the kernel lets it (see `v2-peak.ts`). */
  measure(): void;
  /** Other limits than at its start, from now on, as far as there are cgroups. */
  limit(limits: SandboxLimits): void;
  /** The program and all that it started stand still, until `resume` or a kill. */
  pause(): void;
  resume(): void;
  /** Gives back what the instance held. After `kill` only. */
  release(): Promise<void>;
}

/**
 * Runs programs apart from us. A driver isolates as well as it can and says what it does not do; limits,
 * accounting and the kill are the same for all drivers.
 */
export abstract class Sandbox {
  abstract readonly driver: string;
  /** What this driver, on this machine, does not protect from: sentences for the log at start. */
  abstract readonly weaknesses: readonly string[];
  /** What it does protect from. */
  abstract readonly protections: readonly string[];
  abstract readonly surroundings: Surroundings;
  /** Where folders for the Runtime API's sockets can be made; undefined where programs reach our loopback. */
  abstract readonly socketDir: string | undefined;
  /** What a program reaches that does not ask for less. */
  abstract readonly network: Network;
  /** Where a program inside sees these folders. */
  abstract view(folders: SandboxFolders): SandboxFolders;
  /** Gives files that came into the folders of a running instance to its program. */
  abstract adopt(folders: SandboxFolders): Promise<void>;
  /** Ends and removes what executors left that are no longer alive. Returns how many sandboxes that were. */
  abstract sweep(): Promise<number>;
  /** Rejects with `SandboxNotStarted`. */
  abstract start(spec: InstanceSpec): Promise<Instance>;
  abstract close(): Promise<void>;
}
