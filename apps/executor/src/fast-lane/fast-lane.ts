import { lookup } from 'node:dns/promises';
import {
  type Assignment,
  type Frame,
  LaneFrame,
  type LaneMeasured,
  type LaneWarm,
  type Places,
  type Registered,
} from '@app/worker-api';
import { Injectable, Logger } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import { backoffMs } from '../gateway/retry.js';
import type { PlacedTask } from '../tasks/placed-task.js';
import { warmKey } from '../warm/warm-key.js';
import { Bell } from '../worker/bell.js';
import { Capacity } from '../worker/capacity.js';
import { Tools } from '../worker/tools.js';
import { HotPool, type PoolTools } from './hot-pool.js';
import type { PoolCall } from './pool-call.js';
import { type Lane, LaneRefused, Lanes } from './lane.js';
import { newInstance } from './new-instance.js';
import { type LaneHost, LaneWork, type Served } from './lane-work.js';

/** Versions that this executor has served and could serve again. */
const MAX_VERSIONS = 1_000;
/** How often it is asked whether there is another gateway now. */
const LOOK_MS = 30_000;
const MAX_BACKOFF_MS = 5_000;

export interface FastLaneHost extends LaneHost {
  readonly registered: () => Promise<Registered>;
}

interface Known extends Served {
  readonly ref: number;
  readonly warmKey: string;
}

/**
 * Synchronous calls of functions that are warm here, brought by the gateways themselves: a lane to each that the
 * gateway's name stands for. What a call is served by has served a task before, so everything of it is known.
 */
@Injectable()
export class FastLane {
  private readonly logger = new Logger(FastLane.name);
  private readonly open = new Map<string, Lane | 'opening'>();
  private readonly known = new Map<number, Known>();
  private readonly byKey = new Map<string, Known>();
  private readonly works = new Map<Lane, Map<number, LaneWork>>();
  private readonly stopping = new AbortController();
  /** Rung when a lane is gone, also while others are being opened. */
  private readonly toLook = new Bell();
  private readonly changed = new Set<Known>();
  private refs = 0;
  private host: FastLaneHost | undefined;

  constructor(
    private readonly config: ExecutorConfig,
    readonly tools: Tools,
    private readonly capacity: Capacity,
    private readonly lanes: Lanes,
  ) {
    tools.warm.onChange = (key) => this.noteChange(this.byKey.get(key));
  }

  start(host: FastLaneHost): void {
    this.host = host;
    if (this.config.warmIdleMs > 0 && process.platform === 'linux') void this.keepLanes();
  }

  /** A task of a version that may be called over the lane later. */
  learn(task: PlacedTask): void {
    const key = warmKey(task);
    if (key === undefined || !isUsual(task) || this.byKey.has(key)) return;
    const { graceMs, folders } = this.tools;
    const pool = new HotPool(this.poolTools(key, task), key, task.resources, task.function.instanceConcurrency);
    const known = { ref: ++this.refs, warmKey: key, task, pool, graceMs, diskBytes: folders.maxBytes };
    this.known.set(known.ref, known);
    this.byKey.set(key, known);
    const [oldest] = this.known.values();
    if (this.known.size > MAX_VERSIONS && oldest && oldest.pool.places === 0) this.forget(oldest);
  }

  /** Where the tasks of a function go whose instances serve several at the same time. */
  poolOf(task: PlacedTask): HotPool | undefined {
    if (!isShared(task)) return undefined;
    this.learn(task);
    return this.byKey.get(warmKey(task) ?? '')?.pool;
  }

  /** Free places in instances that are there: tasks for them need no room. */
  get places(): Places {
    return [...this.known.values()].flatMap(({ pool, task }) => {
      const { versionId, instanceConcurrency = 1 } = task.function;
      const free = instanceConcurrency > 1 ? pool.freePlaces : 0;
      return free > 0 && versionId !== undefined ? [{ versionId, namespace: task.context.namespace, free }] : [];
    });
  }

  private poolTools(key: string, task: PlacedTask): PoolTools {
    const { tools, capacity } = this;
    return {
      warm: tools.warm,
      folders: tools.folders,
      reserve: (need) => capacity.reserveBeside(need)?.release,
      isWanted: () => capacity.isWanted,
      isCrowded: () => capacity.free.slots === 0 || capacity.isKept,
      start: () => newInstance(tools, task, this.stopping.signal),
      onChange: () => this.noteChange(this.byKey.get(key)),
      onMeasured: (calls, usage) => this.measured(calls, usage),
    };
  }

  /** Others need the room of those that have nothing to do. */
  async makeRoom(): Promise<void> {
    await Promise.all([...this.known.values()].map(({ pool }) => pool.yield()));
  }

  /** Takes no more, lets what is in hand end for a while, and ends the rest. */
  async stop(patienceMs: number): Promise<void> {
    this.stopping.abort();
    this.toLook.ring();
    for (const known of this.known.values()) this.tell(known, 0);
    await Promise.all([...this.known.values()].map(({ pool }) => pool.close(patienceMs)));
    for (const lane of this.open.values()) if (lane !== 'opening') lane.close();
  }

  /** While it stops: calls in hand end now. */
  hurry(): void {
    for (const { pool } of this.known.values()) pool.stopAll('shutdown');
  }

  private forget({ ref, warmKey: key }: Known): void {
    this.known.delete(ref);
    this.byKey.delete(key);
  }

  /** Hints come in bursts; gateways are told once of each. */
  private noteChange(known: Known | undefined): void {
    if (!known) return;
    if (this.changed.size === 0) setImmediate(() => this.tellChanges());
    this.changed.add(known);
  }

  private tellChanges(): void {
    for (const known of this.changed) this.tell(known, known.pool.places);
    this.changed.clear();
  }

  private tell(known: Known, instances: number, only?: Lane): void {
    const { ref, task } = known;
    const isOpen = !this.stopping.signal.aborted;
    const { versionId } = task.function;
    if (versionId === undefined) return;
    const warm: LaneWarm = { ref, versionId, namespace: task.context.namespace, instances: isOpen ? instances : 0 };
    const lanes = only ? [only] : this.open.values();
    for (const lane of lanes) if (lane !== 'opening') lane.send(LaneFrame.Warm, 0, warm);
  }

  private measured(calls: readonly PoolCall[], usage: LaneMeasured['usage']): void {
    for (const [lane, numbers] of groupByLane(calls)) lane.send(LaneFrame.Measured, 0, { calls: numbers, usage });
  }

  private receive(lane: Lane, frame: Frame): void {
    const works = this.works.get(lane);
    const work = works?.get(frame.call);
    if (frame.type === LaneFrame.Cancel) work?.stop?.('cancelled');
    if (frame.type === LaneFrame.Stored) work?.stored();
    if (frame.type !== LaneFrame.Call || !works || !this.host) return;
    const { ref } = JSON.parse(frame.head) as { ref: number };
    const known = this.known.get(ref);
    if (!known || this.stopping.signal.aborted) return lane.send(LaneFrame.Declined, frame.call, undefined);
    const begun = new LaneWork(lane, frame, known, this.host);
    begun.over = () => void works.delete(frame.call);
    works.set(frame.call, begun);
    known.pool.call(begun);
  }

  private async keepLanes(): Promise<void> {
    const { signal } = this.stopping;
    const url = new URL(this.config.gatewayUrl);
    for (let failures = 0; !signal.aborted; ) {
      const found = await lookup(url.hostname.replace(/^\[|\]$/g, ''), { all: true }).catch(() => []);
      const opened = await Promise.all(found.map(({ address }) => this.ensure(address)));
      failures = opened.length > 0 && opened.every(Boolean) ? 0 : failures + 1;
      const restMs = failures > 0 ? backoffMs(failures, MAX_BACKOFF_MS) : LOOK_MS;
      await this.toLook.wait(restMs);
    }
  }

  /** True if there is a lane to this address, or need be none. */
  private async ensure(address: string): Promise<boolean> {
    if (this.open.has(address)) return true;
    this.open.set(address, 'opening');
    try {
      const { executorId } = (await this.host?.registered()) ?? { executorId: '' };
      const lane = await this.lanes.open({ executorId, address }, (from, frame) => this.receive(from, frame));
      this.opened(address, lane);
      return true;
    } catch (error) {
      this.open.delete(address);
      const isServed = error instanceof LaneRefused && error.status === 409; // By the same gateway, at another address.
      if (!isServed) this.logger.debug(`No fast lane to ${address}: ${String(error)}`);
      return isServed;
    }
  }

  private opened(address: string, lane: Lane): void {
    this.open.set(address, lane);
    this.works.set(lane, new Map());
    for (const known of this.known.values()) this.tell(known, known.pool.places, lane);
    const closed = (): void => {
      this.open.delete(address);
      this.works.delete(lane);
      this.toLook.ring();
    };
    void lane.closed.then(closed);
  }
}

/** What has devices or disk of its own keeps to the queue. */
const isUsual = ({ resources: { gpus, encoderSessions, diskMb } }: Assignment): boolean =>
  !gpus && !encoderSessions && !diskMb;

/** Its instances serve several tasks at the same time, and take the room of one. */
export const isShared = (task: Assignment): boolean => (task.function.instanceConcurrency ?? 1) > 1 && isUsual(task);

function groupByLane(calls: readonly PoolCall[]): Map<Lane, number[]> {
  const groups = new Map<Lane, number[]>();
  for (const call of calls as readonly LaneWork[]) {
    const numbers = groups.get(call.lane);
    if (numbers) numbers.push(call.number);
    else groups.set(call.lane, [call.number]);
  }
  return groups;
}
