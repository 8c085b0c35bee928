import type { Assignment, Network, Progress, Runtime, Usage } from '@app/worker-api';
import type { OnLine } from '../lines.js';
import type { Attached, Meter, SandboxFolders } from '../sandbox.js';
import type { Failure, Json } from './failure.js';

/** Everything about one run of a function, its files already in place. */
export interface FunctionRun {
  readonly id: string;
  readonly attempt: number;
  readonly name: string;
  readonly version: number;
  readonly runtime: Runtime;
  readonly handler?: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** How many events one instance serves at the same time; 1 if nothing is said. */
  readonly concurrency?: number;
  readonly vcpu?: number;
  readonly network?: Network;
  /** Without an advance of its progress for so long it is killed. */
  readonly stallMs?: number;
  readonly attached?: Attached;
  /** What its working folder may grow to. */
  readonly diskBytes?: number;
  readonly payload: Json;
  /** Paths by name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly folders: SandboxFolders;
  readonly context: Assignment['context'];
  readonly timeoutMs: number;
  readonly graceMs: number;
}

/** What is to be done with what a function says while it runs. */
export interface FunctionListener {
  readonly onLine: OnLine;
  readonly onProgress: (progress: Progress) => void;
  /** It has a process of its own. Not called for one that served before. */
  readonly onStarted?: (meter: Meter) => void;
}

export type FunctionEnd =
  | { readonly status: 'SUCCEEDED'; readonly output: Json; readonly usage: Usage }
  | ({ readonly status: 'FAILED' | 'TIMED_OUT' | 'CANCELLED'; readonly usage: Usage } & Failure)
  | { readonly status: 'SHUTDOWN' };
