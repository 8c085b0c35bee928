import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cgroup } from './cgroups/cgroup.js';
import { patience } from './patience.js';
import type { Members } from './processes/members.js';
import { readProcess, signalProcess } from './processes/processes.js';
import { SampledUse } from './processes/sampled-use.js';
import type { Exit, Instance, KillFindings, ResourceUsage, SandboxLimits } from './sandbox.js';

const KILL_DEADLINE_MS = 10_000;
const PIPE_PATIENCE_MS = 500;
/** Only the kernel has something to do by then; on a machine that is busy it takes its time. */
const LAST_HELPER_MS = 5_000;

export interface ProcessOptions {
  readonly members: Members | Cgroup;
  readonly cgroup?: Cgroup | undefined;
  /** How many processes of the driver's own come before the program: the runtime, the sandbox's init. */
  readonly helpers?: number;
  /** Runs when everything is dead. */
  readonly onRelease?: () => Promise<void>;
}

/** A child process, what it started, and the cgroup they are in if there is one. */
export class ProcessInstance implements Instance {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<Exit>;
  private hasExited = false;
  /** As `exited` says it. */
  private isGone = false;
  /** Where no cgroup counts, or not all. */
  private readonly sampled: SampledUse | undefined;
  private before: ResourceUsage = {};

  constructor(
    child: ChildProcess,
    private readonly options: ProcessOptions,
  ) {
    if (child.pid === undefined || !child.stdout || !child.stderr)
      throw new Error('the child was not started with pipes');
    this.pid = child.pid;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    if (!options.cgroup?.hasWholeIo && process.platform === 'linux')
      this.sampled = new SampledUse(() => this.processes());
    for (const stream of [this.stdout, this.stderr]) stream.on('error', () => {}); // The kill destroyed it.
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.hasExited = true;
        this.sampled?.stop();
        if (!options.helpers) return resolve({ code, signal });
        // The sandbox's init goes a moment after the one who waits for it; it is not a leftover of the function.
        void this.untilEmpty(LAST_HELPER_MS).then(() => resolve(exitOfInner(code, signal)));
      });
    });
    void this.exited.then(() => (this.isGone = true));
  }

  processes(): readonly number[] {
    const { members } = this.options;
    return 'list' in members ? members.list() : members.processes();
  }

  expected(): ReadonlySet<number> {
    return new Set(this.chain(this.processes(), (this.options.helpers ?? 0) + 1));
  }

  /**
   * A stopped process can only act on the request once it is continued. The driver's helpers are left out: when
   * they go, the kernel kills the program, which was to have time.
   */
  terminate(): void {
    this.sampled?.sample();
    this.signal('SIGTERM');
    this.signal('SIGCONT');
  }

  pause(): void {
    this.sampled?.stop();
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.sampled?.goOn();
    this.signal('SIGCONT');
  }

  async kill(): Promise<KillFindings> {
    this.sampled?.stop();
    this.sampled?.sample();
    let left = this.processes();
    const found = new Set(left);
    const end = performance.now() + KILL_DEADLINE_MS;
    let waitMs = 1;
    while ((left.length > 0 || !this.isGone) && performance.now() < end) {
      this.options.members.strike();
      await sleep(waitMs);
      waitMs = Math.min(waitMs * 2, 20);
      left = this.processes();
      for (const pid of left) found.add(pid);
    }
    return { found: [...found], left: left.length };
  }

  usage(): ResourceUsage {
    return since(this.before, this.counted());
  }

  total(): ResourceUsage & { readonly memoryBytes?: number } {
    const memoryBytes = this.options.cgroup?.memoryBytes();
    return { ...this.counted(), ...(memoryBytes !== undefined && { memoryBytes }) };
  }

  limit(limits: SandboxLimits): void {
    this.options.cgroup?.limit(limits);
  }

  measure(): void {
    this.options.cgroup?.resetPeak();
    this.before = this.counted();
  }

  private counted(): ResourceUsage {
    const inGroup = this.options.cgroup?.usage();
    if (!this.sampled) return inGroup ?? {};
    if (!this.hasExited) this.sampled.sample();
    const { cpuMs, io } = this.sampled;
    if (!io) return { cpuMs, ...inGroup };
    const readBytes = Math.max(io.readBytes, inGroup?.readBytes ?? 0);
    const writtenBytes = Math.max(io.writtenBytes, inGroup?.writtenBytes ?? 0);
    return { cpuMs, ...inGroup, readBytes, writtenBytes };
  }

  /** A pipe ends with its last writer. One that we could not find must not keep us waiting for it. */
  async release(): Promise<void> {
    const ended = Promise.all([this.stdout, this.stderr].map(untilEnd));
    await Promise.race([ended, patience(PIPE_PATIENCE_MS)]);
    this.stdout.destroy();
    this.stderr.destroy();
    this.options.cgroup?.remove();
    await this.options.onRelease?.();
  }

  /** All but the driver's helpers. */
  private signal(signal: NodeJS.Signals): void {
    const members = this.processes();
    const helpers = new Set(this.chain(members, this.options.helpers ?? 0));
    for (const pid of members) if (!helpers.has(pid)) signalProcess(pid, signal);
  }

  private async untilEmpty(patienceMs: number): Promise<void> {
    const end = performance.now() + patienceMs;
    while (this.processes().length > 0 && performance.now() < end) await sleep(1);
  }

  /** The first processes from the child down: each is the oldest child of the one before. */
  private chain(members: readonly number[], length: number): number[] {
    const infos = members.flatMap((pid) => readProcess(pid) ?? []);
    const found = [this.pid];
    for (let pid: number | undefined = this.pid; found.length < length && pid !== undefined; ) {
      const children = infos.filter(({ ppid }) => ppid === pid);
      pid = children.toSorted((a, b) => Number(a.startTime) - Number(b.startTime) || a.pid - b.pid)[0]?.pid;
      if (pid !== undefined) found.push(pid);
    }
    return found.slice(0, length);
  }
}

/** All but the peak are sums. */
function since(before: ResourceUsage, now: ResourceUsage): ResourceUsage {
  const sums = (['cpuMs', 'oomKills', 'readBytes', 'writtenBytes'] as const).flatMap((name) => {
    const value = now[name];
    return value === undefined ? [] : [[name, value - (before[name] ?? 0)]];
  });
  return { ...now, ...(Object.fromEntries(sums) as ResourceUsage) };
}

/** A sandbox's init can only exit with a number: 128 and the signal that ended the program, as shells do. */
function exitOfInner(code: number | null, signal: NodeJS.Signals | null): Exit {
  const inner = code !== null && code > 128 ? SIGNAL_NAMES.get(code - 128) : undefined;
  return inner ? { code: null, signal: inner } : { code, signal };
}

/** Some numbers have two names; the first is the one in use: SIGABRT, not SIGIOT. */
const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name as NodeJS.Signals] as const)
    .toReversed(),
);

const untilEnd = (stream: Readable): Promise<void> =>
  new Promise((resolve) => {
    if (stream.readableEnded || stream.destroyed) return resolve();
    stream.once('end', resolve).once('close', resolve);
  });
