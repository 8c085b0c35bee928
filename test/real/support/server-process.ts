import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 60_000;

/** All of them: one listener for each launch would be more than a process has room for. */
const living = new Set<ChildProcess>();
process.once('exit', () => living.forEach((child) => child.kill('SIGKILL')));

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** It is started here, and what it prints goes into a file here. */
  readonly dir: string;
}

/** A server that somebody else has made. It ends with this process at the latest. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly dir: string,
  ) {}

  /** Resolves when it is up. */
  static async launch(
    { command, args, env, dir }: Launch,
    isUp: (log: string) => boolean | Promise<boolean>,
  ): Promise<ServerProcess> {
    const log = openSync(join(dir, 'server.log'), 'w');
    const child = spawn(command, args, { cwd: dir, stdio: ['ignore', log, log], ...(env && { env }) });
    living.add(child.once('exit', () => living.delete(child)));
    const server = new ServerProcess(child, dir);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isUp(server.log))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`${command} did not start:\n${server.log.slice(-4_000)}`);
      await sleep(50);
    }
    return server;
  }

  /** As a power cut would: no goodbye to anybody. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  private get log(): string {
    return readFileSync(join(this.dir, 'server.log'), 'utf8');
  }
}
