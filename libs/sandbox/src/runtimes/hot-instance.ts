import { setImmediate as turn } from 'node:timers/promises';
import type { Progress, Usage } from '@app/worker-api';
import { LineCutter, type OnLine, OutputBudget, type StreamName } from '../lines.js';
import type { Instance, ResourceUsage } from '../sandbox.js';
import { conclude, type StopReason, type Trigger } from '../supervise.js';
import { DiskWatch } from '../watches/disk-watch.js';
import { StallWatch } from '../watches/stall-watch.js';
import type { Door } from './door.js';
import { type BadEnd, endedBadly, type RunLimits } from './run-end.js';
import { type Answer, isOfHandler } from './runtime-answers.js';
import { Tail } from './tail.js';
import { MAX_LOG_BYTES, MAX_TAIL_BYTES } from './watch.js';

/** A call that is over before this needs no look at the disk, and no tail of what it printed. */
const WATCHED_AFTER_MS = 250;

export interface HotCall extends RunLimits {
  readonly id: string;
  readonly event: Buffer;
  readonly functionArn: string;
  readonly graceMs: number;
}

export interface HotListener {
  readonly onLine: OnLine;
  readonly onProgress: (progress: Progress) => void;
}

export type HotEnd = { readonly status: 'SUCCEEDED'; readonly output: Buffer; readonly usage: Usage } | BadEnd;

export interface HotParts {
  readonly instance: Instance;
  readonly door: Door;
  /** How long its init phase took, once. */
  readonly initialised: () => { readonly initMs?: number };
}

/**
 * An instance that goes on between calls that follow each other closely, instead of standing still: a call is a message
 * to it and one back. What `HandlerInstance.call` does for each (cgroup, folders, pause) is done for many at once, by
 * whoever owns this; the ends other than an answer are the same, records of kills included.
 */
export class HotInstance {
  private end: ((trigger: Trigger) => void) | undefined;
  private listener: HotListener | undefined;
  private cutters: Partial<Record<StreamName, LineCutter>> = {};
  private tails: Record<StreamName, Tail> | undefined;
  private budget = new OutputBudget(MAX_LOG_BYTES);
  private measuredAt = performance.now();
  private readonly taps = { stdout: this.tap('stdout'), stderr: this.tap('stderr') };
  isAlive = true;

  constructor(private readonly parts: HotParts) {
    void parts.instance.exited.then(() => this.exited());
  }

  /** Between here and `close` it reads what the instance prints. */
  open(): void {
    const { instance } = this.parts;
    instance.stdout.on('data', this.taps.stdout);
    instance.stderr.on('data', this.taps.stderr);
    this.measuredAt = performance.now();
  }

  close(): void {
    const { instance } = this.parts;
    instance.stdout.off('data', this.taps.stdout);
    instance.stderr.off('data', this.taps.stderr);
    this.endLines();
  }

  /** One at a time. After another end than an answer of the handler nothing of it is alive: see `isAlive`. */
  serve(call: HotCall, listener: HotListener): Promise<HotEnd> {
    const startedAt = performance.now();
    this.listener = listener;
    const watches = new Watches(call, this.parts.door.folders.work, (trigger) => this.end?.(trigger));
    return new Promise((resolve, reject) => {
      const end = (trigger: Trigger) => {
        this.end = undefined;
        watches.close();
        this.kill(call, trigger, startedAt).then(resolve, reject);
      };
      const answered = (answer: Answer): void => {
        if (this.end !== end) return;
        this.end = undefined;
        watches.close();
        if (isOfHandler(answer)) resolve(this.endOf(answer, startedAt));
        else this.kill(call, 'answered', startedAt, answer).then(resolve, reject);
      };
      this.end = end;
      void this.invoke(call, watches).then(answered);
    });
  }

  private endOf(answer: Answer, startedAt: number): HotEnd {
    const usage = { wallMs: elapsed(startedAt), ending: 'answered', ...this.parts.initialised() } as const;
    if (answer.type === 'response') return { status: 'SUCCEEDED', output: answer.bytes, usage };
    return { status: 'FAILED', ...answer.failure, usage };
  }

  private exited(): void {
    if (this.end) this.end('exit');
    else this.isAlive = false;
  }

  /** Ends what it serves, and itself with it. */
  stop(reason: StopReason): void {
    this.end?.(reason);
  }

  /** Once it has answered: what it printed before that is read, and belongs to this call. */
  async settle(): Promise<void> {
    await turn();
    this.endLines();
    this.budget.renew();
    this.tails = undefined;
  }

  /** What it took since the last time, and how long that was ago. */
  lap(): ResourceUsage {
    const used = this.parts.instance.usage();
    this.parts.instance.measure();
    this.measuredAt = performance.now();
    return used;
  }

  get sinceLapMs(): number {
    return performance.now() - this.measuredAt;
  }

  /** Alone in its sandbox, and never short of memory since the last lap. */
  get isWell(): boolean {
    const { instance } = this.parts;
    const expected = instance.expected();
    const hasOthers = instance.processes().some((pid) => !expected.has(pid));
    return this.isAlive && !hasOthers && (instance.usage().oomKills ?? 0) === 0;
  }

  private invoke({ id, event, functionArn, timeoutMs }: HotCall, watches: Watches): Promise<Answer> {
    return this.parts.door.api.invoke({
      requestId: id,
      payload: null,
      event,
      deadlineMs: Date.now() + timeoutMs,
      functionArn,
      inputs: {},
      outputs: {},
      variables: { SPOOL_TASK_ID: id, AWS_LAMBDA_LOG_STREAM_NAME: id },
      onProgress: (progress) => {
        watches.progressed(progress);
        this.listener?.onProgress(progress);
      },
    });
  }

  private async kill(call: HotCall, trigger: Trigger, startedAt: number, answer?: Answer): Promise<HotEnd> {
    this.isAlive = false;
    const ended = await conclude(this.parts.instance, { trigger, graceMs: call.graceMs, startedAt });
    this.close();
    await this.parts.door.close();
    const usage = { ...ended.usage, ...this.parts.initialised() };
    if (answer?.type === 'response') return { status: 'SUCCEEDED', output: answer.bytes, usage };
    if (answer) return { status: 'FAILED', ...answer.failure, usage };
    const { stdout, stderr } = this.tails ?? { stdout: new Tail(0), stderr: new Tail(0) };
    const phase = this.parts.door.api.askedAt === undefined ? 'init' : 'invocation';
    return endedBadly(call, { ended: { ...ended, usage }, stdout, stderr }, phase);
  }

  private tap(name: StreamName): (chunk: Buffer) => void {
    return (chunk) => {
      const onLine: OnLine = (stream, line) => this.listener?.onLine(stream, line);
      this.tails ??= { stdout: new Tail(MAX_TAIL_BYTES), stderr: new Tail(MAX_TAIL_BYTES) };
      this.tails[name].add(chunk);
      (this.cutters[name] ??= new LineCutter(name, this.budget, onLine)).push(chunk);
    };
  }

  private endLines(): void {
    this.cutters.stdout?.end();
    this.cutters.stderr?.end();
    this.cutters = {};
  }
}

/** The clocks of one call. Only a call that takes long has more than two timers. */
class Watches {
  private readonly timeout: NodeJS.Timeout;
  private readonly later: NodeJS.Timeout;
  private readonly stall: StallWatch | undefined;
  private disk: DiskWatch | undefined;

  constructor({ timeoutMs, stallMs, diskBytes }: HotCall, work: string, end: (trigger: Trigger) => void) {
    this.timeout = setTimeout(() => end('timeout'), timeoutMs);
    this.stall = stallMs === undefined ? undefined : new StallWatch(stallMs);
    void this.stall?.stalled.then(end);
    this.later = setTimeout(() => {
      if (diskBytes === undefined) return;
      this.disk = new DiskWatch(work, diskBytes);
      void this.disk.full.then(end);
    }, WATCHED_AFTER_MS);
  }

  progressed(progress: Progress): void {
    this.stall?.progressed(progress);
  }

  close(): void {
    clearTimeout(this.timeout);
    clearTimeout(this.later);
    this.stall?.close();
    this.disk?.close();
  }
}

const elapsed = (since: number): number => Math.round((performance.now() - since) * 100) / 100;
