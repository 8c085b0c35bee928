import type { Network } from '@app/worker-api';
import type { Shown } from '../sandbox.js';
import type { Mount, User } from './layout.js';

/** One sandbox in the words of all isolating drivers. */
export interface Plan {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** Device nodes of this machine. */
  readonly devices: readonly Shown[];
  readonly network: Network;
}

/** What is common to all sandboxes of one executor. */
export interface Place {
  /** A folder of the driver's own, private and short. */
  readonly dir: string;
  /** The root that the mounts go into. */
  readonly root: string;
  /** Whom the program runs as: never root. */
  readonly user: User;
}

export interface Command {
  readonly words: readonly string[];
  /** Of the driver's own program. The function's goes inside another way: it may hold LD_PRELOAD. */
  readonly env: Readonly<Record<string, string>>;
  readonly inputs?: readonly Buffer[];
}

/** What drivers do differently: the words that put a program into namespaces of its own. */
export interface Isolator {
  readonly driver: string;
  /** Processes between the executor's child and the program. */
  readonly helpers: number;
  readonly protections: readonly string[];
  readonly weaknesses: readonly string[];
  command(plan: Plan): Promise<Command>;
  release(name: string): Promise<void>;
}

/** Environment of the drivers' own programs. */
export const PLAIN_ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
