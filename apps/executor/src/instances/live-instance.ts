import { randomUUID } from 'node:crypto';
import type { FunctionEnd, HotEnd, Meter } from '@app/sandbox';
import type { Assignment, Instance } from '@app/worker-api';

/** Reading a meter is some files of the kernel's: not more often than somebody could look. */
const MEASURED_EVERY_MS = 1_000;

/** What is told of whom it serves. */
interface Served {
  readonly context: Pick<Assignment['context'], 'namespace'>;
  readonly function: Pick<Assignment['function'], 'name' | 'version' | 'versionId' | 'runtime'>;
  readonly resources: Pick<Assignment['resources'], 'memoryMb'>;
}

/** A process of a function, as it is told to the gateway. */
export class LiveInstance {
  readonly id = randomUUID();
  private readonly startedAt = performance.now();
  private readonly serving = new Set<string>();
  private meter: Meter | undefined;
  private requests = 0;
  private inLane = 0;
  private idleAt: number | undefined;
  private lastError: string | undefined;
  private measured: Pick<Instance, 'memoryBytes' | 'cpuMs' | 'readBytes' | 'writtenBytes'> = {};
  private measuredAt = 0;

  constructor(
    private readonly task: Served,
    private readonly fixedState?: Instance['state'],
  ) {}

  /** It has a process. */
  started(meter: Meter): void {
    this.meter = meter;
  }

  begin(taskId: string): void {
    this.serving.add(taskId);
    this.requests++;
    this.idleAt = undefined;
  }

  end(taskId: string, end: FunctionEnd | HotEnd): void {
    this.serving.delete(taskId);
    if ('error' in end) this.lastError = end.error;
    if (this.serving.size === 0) this.idleAt = performance.now();
  }

  /** A call by the fast lane: they come too fast to be told of one by one. */
  beginLaneCall(): void {
    this.inLane++;
  }

  endLaneCall(end: HotEnd): void {
    this.inLane--;
    if ('error' in end) this.lastError = end.error;
  }

  /** So many calls by the fast lane have ended since it was last told. */
  served(calls: number): void {
    this.requests += calls;
    this.idleAt = performance.now();
  }

  /** What, changed, is news; the figures change all the time. */
  get fingerprint(): string {
    return `${this.id} ${this.state} ${this.requests} ${[...this.serving].join()}`;
  }

  view(): Instance {
    const { context, function: version, resources } = this.task;
    const { state, idleAt } = this;
    this.measure();
    return {
      id: this.id,
      namespace: context.namespace,
      function: version.name,
      version: version.version,
      ...(version.versionId !== undefined && { versionId: version.versionId }),
      runtime: version.runtime,
      state,
      ageMs: Math.round(performance.now() - this.startedAt),
      ...(state === 'idle' && idleAt !== undefined && { idleMs: Math.round(performance.now() - idleAt) }),
      requests: this.requests,
      memoryMb: resources.memoryMb,
      ...this.measured,
      tasks: [...this.serving],
      ...(this.lastError !== undefined && { lastError: this.lastError }),
    };
  }

  private get state(): Instance['state'] {
    if (this.fixedState) return this.fixedState;
    if (!this.meter?.isReady) return 'starting';
    return this.serving.size > 0 || this.inLane > 0 ? 'busy' : 'idle';
  }

  private measure(): void {
    if (!this.meter || performance.now() - this.measuredAt < MEASURED_EVERY_MS) return;
    const { memoryBytes, cpuMs, readBytes, writtenBytes } = this.meter.total();
    this.measured = {
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(cpuMs !== undefined && { cpuMs: Math.round(cpuMs) }),
      ...(readBytes !== undefined && { readBytes }),
      ...(writtenBytes !== undefined && { writtenBytes }),
    };
    this.measuredAt = performance.now();
  }
}
