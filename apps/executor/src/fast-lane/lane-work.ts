import { functionArn, type HotEnd, type StopReason } from '@app/sandbox';
import {
  type Assignment,
  type Frame,
  laneCall,
  LaneFrame,
  type LaneLines,
  type Progress,
  type TaskRef,
  type TaskResult,
} from '@app/worker-api';
import type { HotPool } from './hot-pool.js';
import type { PoolCall, Scratch } from './pool-call.js';
import type { Lane } from './lane.js';

/** Lines that a gateway does not take in time are dropped: they would be our memory. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** The side of the worker that knows what runs and what was told. */
export interface LaneHost {
  readonly adopt: (ref: TaskRef, stop: (reason: StopReason) => void) => boolean;
  readonly progressed: (ref: TaskRef, progress: Progress) => void;
  /** It has ended; the result if it has to be told the way that tasks are told. */
  readonly ended: (ref: TaskRef, result: TaskResult | undefined) => void;
  /** It was not begun, and is a task already: whoever has room begins it. */
  readonly handBack: (ref: TaskRef) => void;
}

export interface Served {
  readonly pool: HotPool;
  /** A task of the version: what all of its calls have in common. */
  readonly task: Assignment;
  readonly graceMs: number;
  readonly diskBytes: number | undefined;
}

/** One call, from the lane that brought it to the end it is told. */
export class LaneWork implements PoolCall {
  readonly cameAt = performance.now();
  readonly id: string;
  readonly event: Buffer;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly memoryMb: number;
  readonly functionArn: string;
  readonly clientContext: string | undefined;
  readonly stallMs?: number;
  readonly diskBytes?: number;
  stop?: (reason: StopReason) => void;
  private isStored = false;
  private progress: Progress | undefined;
  private lines: LaneLines['lines'] = [];
  private dropped = 0;

  constructor(
    readonly lane: Lane,
    frame: Frame,
    { task, graceMs, diskBytes }: Served,
    private readonly host: LaneHost,
  ) {
    const { id, timeoutMs, clientContext } = laneCall.parse(JSON.parse(frame.head));
    const { name, version, memoryMb, stallSeconds } = task.function;
    this.number = frame.call;
    this.id = id;
    this.clientContext = clientContext;
    this.event = frame.body;
    this.timeoutMs = timeoutMs;
    this.graceMs = graceMs;
    this.memoryMb = memoryMb;
    this.functionArn = functionArn(task.context.namespace, name, version);
    if (stallSeconds !== undefined) this.stallMs = stallSeconds * 1_000;
    if (diskBytes !== undefined) this.diskBytes = diskBytes;
  }

  readonly number: number;

  /** The gateway has made a task of it: from now on it is mentioned, and can be cancelled, as any. */
  stored(): void {
    this.isStored = this.host.adopt(this.ref, (reason) => this.stop?.(reason));
    if (this.isStored && this.progress) this.host.progressed(this.ref, this.progress);
  }

  readonly onLine = (stream: 'stdout' | 'stderr', line: string): void => {
    if (this.lane.unsentBytes > MAX_UNSENT_BYTES) {
      this.dropped++;
      return;
    }
    this.push(stream, line);
  };

  readonly onProgress = (progress: Progress): void => {
    this.progress = { ...this.progress, ...progress };
    if (this.isStored) this.host.progressed(this.ref, progress);
  };

  readonly onDeclined = (): void => {
    this.lane.send(LaneFrame.Declined, this.number, undefined);
    this.over();
    if (this.isStored) this.host.handBack(this.ref);
  };

  readonly onEnd = (end: HotEnd, scratch?: Scratch): void => {
    if (this.dropped > 0)
      this.push('stderr', `[spool] ${this.dropped} lines dropped: they came faster than they can be stored`);
    this.tellLines();
    if (end.status === 'SHUTDOWN') return this.over(this.lane.close());
    const { usage } = end;
    const told = usage.kill && scratch ? { ...usage, kill: { ...usage.kill, scratch } } : usage;
    if (end.status === 'SUCCEEDED') {
      this.lane.send(LaneFrame.Ended, this.number, { status: end.status, usage: told }, end.output);
    } else this.lane.send(LaneFrame.Ended, this.number, { ...end, usage: told });
    this.over();
    if (!this.isStored) return;
    // Nobody has heard it over the lane: the task is still ours, and its result is told as a task's.
    this.host.ended(this.ref, this.lane.isOpen ? undefined : resultOf(this, { ...end, usage: told }));
  };

  /** Called once there is nothing more to tell. */
  over: (_?: void) => void = () => {};

  private get ref(): TaskRef {
    return { id: this.id, attempt: 1 };
  }

  private push(stream: 'stdout' | 'stderr', line: string): void {
    if (this.lines.length === 0) setImmediate(() => this.tellLines());
    this.lines.push({ stream, line, atMs: Date.now() });
  }

  private tellLines(): void {
    for (let lines = this.lines.splice(0, 500); lines.length > 0; lines = this.lines.splice(0, 500))
      this.lane.send(LaneFrame.Lines, this.number, { id: this.id, lines });
  }
}

function resultOf({ id, event }: LaneWork, end: Exclude<HotEnd, { status: 'SHUTDOWN' }>): TaskResult {
  const ref = { id, attempt: 1 };
  const usage = { ...end.usage, eventBytes: event.length };
  if (end.status !== 'SUCCEEDED') return { ...ref, ...end, usage };
  const { status, output } = end;
  const told = { ...usage, resultBytes: output.length };
  return { ...ref, status, usage: told, output: JSON.parse(output.toString()) as never, outputs: [] };
}
