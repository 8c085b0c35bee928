import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cgroup } from './cgroups/cgroup.js';
import type { Members } from './processes/members.js';
import { signalProcess } from './processes/processes.js';
import type { Exit, Instance, KillFindings, ResourceUsage } from './sandbox.js';

const KILL_DEADLINE_MS = 10_000;
const PIPE_PATIENCE_MS = 500;

/** A child process, what it started, and the cgroup they are in if there is one. */
export class ProcessInstance implements Instance {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<Exit>;
  private hasExited = false;

  constructor(
    child: ChildProcess,
    private readonly members: Members | Cgroup,
    private readonly cgroup: Cgroup | undefined,
  ) {
    if (child.pid === undefined || !child.stdout || !child.stderr)
      throw new Error('the child was not started with pipes');
    this.pid = child.pid;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.hasExited = true;
        resolve({ code, signal });
      });
    });
  }

  processes(): readonly number[] {
    return 'list' in this.members ? this.members.list() : this.members.processes();
  }

  /** A stopped process can only act on the request once it is continued. */
  terminate(): void {
    const all = this.processes();
    for (const pid of all) signalProcess(pid, 'SIGTERM');
    for (const pid of all) signalProcess(pid, 'SIGCONT');
  }

  async kill(): Promise<KillFindings> {
    let left = this.processes();
    const found = new Set(left);
    const end = performance.now() + KILL_DEADLINE_MS;
    let waitMs = 1;
    while ((left.length > 0 || !this.hasExited) && performance.now() < end) {
      this.members.strike();
      await sleep(waitMs);
      waitMs = Math.min(waitMs * 2, 20);
      left = this.processes();
      for (const pid of left) found.add(pid);
    }
    return { found: [...found], left: left.length };
  }

  usage(): ResourceUsage {
    return this.cgroup?.usage() ?? {};
  }

  /** A pipe ends with its last writer. One that we could not find must not keep us waiting for it. */
  async release(): Promise<void> {
    const ended = Promise.all([this.stdout, this.stderr].map(untilEnd));
    await Promise.race([ended, sleep(PIPE_PATIENCE_MS, undefined, { ref: false })]);
    this.stdout.destroy();
    this.stderr.destroy();
    this.cgroup?.remove();
  }
}

const untilEnd = (stream: Readable): Promise<void> =>
  new Promise((resolve) => {
    if (stream.readableEnded || stream.destroyed) return resolve();
    stream.once('end', resolve).once('close', resolve);
  });
