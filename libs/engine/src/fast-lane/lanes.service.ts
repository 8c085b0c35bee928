import { Wakeups } from '@app/common';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import type { Frame } from '@app/worker-api';
import { Offers } from '../executions/offers.js';
import type { CallRecord, FastCall, FastEnd } from './call-record.js';
import { CallRecordRepository } from './call-record.repository.js';
import { CallRecordsService } from './call-records.service.js';
import { type InFlight, laneKey, LaneLink, type LaneRoute, type LaneSocket, type Outcome } from './lane-link.js';
import { UnmeasuredCalls } from './unmeasured-calls.js';

/** Calls that are with an executor for each of its instances: the next is there when one has ended. */
const IN_FLIGHT_PER_INSTANCE = 2;
/** A call that would wait longer for an instance goes to another executor, if one has room, by way of the queue. */
const EXPECTED_MS = 250;
/** After so long it takes its place in the queue, where nothing overtakes it. */
const PATIENCE_MS = 5_000;
const MAX_WAITING = 10_000;
/** An executor that had no room is not asked again at once. */
const CLOSED_MS = 20;
/** What takes longer is stored while it runs: seen in lists, cancelled from anywhere, and not lost with this process. */
const STORED_AFTER_MS = 1_000;
const LOOK_MS = 250;
const LEASE_SECONDS = 30;

interface Waiting {
  readonly call: FastCall;
  readonly resolve: (outcome: Outcome) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Which executor serves what right now, and the calls on their way: pushed to a warm instance, or waiting a moment for
 * one. A call is with one executor once; what was declined was not begun.
 */
@Injectable()
export class LanesService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LanesService.name);
  private readonly links = new Map<string, LaneLink>();
  private readonly routes = new Map<string, Set<LaneRoute>>();
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly unmeasured: UnmeasuredCalls;
  private readonly timer = setInterval(() => void this.storeLong(), LOOK_MS).unref();
  private waitingCount = 0;
  private isClosing = false;

  constructor(
    private readonly records: CallRecordsService,
    private readonly repository: CallRecordRepository,
    private readonly wakeups: Wakeups,
    private readonly offers: Offers,
  ) {
    this.unmeasured = new UnmeasuredCalls(records);
  }

  /** Undefined if this executor has a lane here already. */
  connect(socket: LaneSocket): { receive: (frame: Frame) => void; closed: () => void } | undefined {
    if (this.isClosing || this.links.has(socket.executorId)) return undefined;
    const link: LaneLink = new LaneLink(socket, {
      onRoute: (route) => this.offer(route),
      onFree: (route) => this.pump(route.key),
      onLines: (inFlight, { id, lines }) => this.unmeasured.addLines(id, lines, inFlight?.isStored === false),
      onMeasured: (from, measured) => this.unmeasured.measured(from, measured),
    });
    this.links.set(socket.executorId, link);
    return {
      receive: (frame) => link.receive(frame),
      closed: () => {
        this.links.delete(socket.executorId);
        link.closed();
        this.unmeasured.releaseAll(link);
      },
    };
  }

  /** Whether a call of this version has a chance of being served at once. */
  isWarm(versionId: string, namespace: string): boolean {
    return this.records.hasRoom && this.waitingCount < MAX_WAITING && this.routes.has(laneKey(versionId, namespace));
  }

  /** Tells once how it ended, or where it is to go. */
  call(call: FastCall, settle: (outcome: Outcome) => void): void {
    const key = laneKey(call.version.id, call.namespace);
    const route = this.waiting.has(key) ? undefined : this.best(key);
    if (route) this.push(route, call, settle);
    else this.wait(key, call, settle);
  }

  /** To wait is no worse than to be queued, as long as nobody else would begin it now. */
  private isBetterOffElsewhere(key: string, { version, createdAt }: FastCall): boolean {
    const routes = this.routes.get(key);
    if (!routes || performance.now() - createdAt > PATIENCE_MS) return true;
    if (this.expectedMs(key) <= EXPECTED_MS) return false;
    return this.offers.hasRoom(version.config, new Set([...routes].map(({ link }) => link.executorId)));
  }

  /** How long the last of those that wait is likely to wait. */
  private expectedMs(key: string): number {
    let perMs = 0;
    for (const { instances, callMs } of this.routes.get(key) ?? []) perMs += instances / Math.max(callMs, 0.1);
    const before = this.countOf(key);
    return perMs === 0 ? Number.POSITIVE_INFINITY : before / perMs;
  }

  /** How many calls of it are with executors or wait for one. */
  private countOf(key: string): number {
    let count = this.waiting.get(key)?.length ?? 0;
    for (const route of this.routes.get(key) ?? []) count += route.inFlight;
    return count;
  }

  /** Makes its end known at once, if it is here and not stored. True if it is. */
  cancel(id: string): boolean {
    const found = this.find(id);
    found?.route.link.cancel(found);
    return found !== undefined;
  }

  /** Makes a task of it now: somebody is told its id before it has ended. */
  async store(id: string): Promise<void> {
    const found = this.find(id);
    if (found && !found.isStored) await this.storeAll([found]);
  }

  /** What is known of its end here is stored, measured or not. */
  async settleRecord(id: string): Promise<void> {
    this.unmeasured.releaseOne(id);
    await this.records.flush();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.timer);
    for (const key of this.waiting.keys()) this.declineAll(key);
    const end = performance.now() + 3_000;
    while ([...this.links.values()].some(({ inFlight }) => inFlight.size > 0) && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 10));
    for (const { socket } of this.links.values()) socket.close();
    this.unmeasured.close();
    await this.records.beforeApplicationShutdown();
  }

  private offer(route: LaneRoute): void {
    const routes = this.routes.get(route.key) ?? new Set();
    if (route.instances > 0) routes.add(route);
    else routes.delete(route);
    if (routes.size > 0) return void this.routes.set(route.key, routes);
    this.routes.delete(route.key);
    this.declineAll(route.key);
  }

  private declineAll(key: string): void {
    const waiting = this.waiting.get(key) ?? [];
    this.waiting.delete(key);
    this.waitingCount -= waiting.length;
    for (const { timer, resolve } of waiting) {
      clearTimeout(timer);
      resolve('declined');
    }
  }

  /** The one with the most room for each of its instances. */
  private best(key: string): LaneRoute | undefined {
    let best: LaneRoute | undefined;
    let load = IN_FLIGHT_PER_INSTANCE;
    for (const route of this.routes.get(key) ?? []) {
      if (route.closedUntil > 0 && route.closedUntil > performance.now()) continue;
      const own = route.inFlight / route.instances;
      if (own < load) [best, load] = [route, own];
    }
    return best;
  }

  private push(route: LaneRoute, call: FastCall, resolve: (outcome: Outcome) => void): void {
    route.link.push(route, call, (inFlight, outcome) => {
      if (outcome !== 'declined' && outcome !== 'queued') return resolve(this.ended(inFlight, outcome));
      this.closeFor(route);
      if (inFlight.isStored) return resolve('queued'); // Its executor hands it back, as any task.
      this.wait(route.key, call, resolve);
    });
  }

  /** Not longer for one that is closed already: whoever waits would not be looked after again. */
  private closeFor(route: LaneRoute): void {
    const now = performance.now();
    if (route.closedUntil > now) return;
    route.closedUntil = now + CLOSED_MS;
    setTimeout(() => this.pump(route.key), CLOSED_MS + 2).unref();
  }

  private wait(key: string, call: FastCall, resolve: (outcome: Outcome) => void): void {
    if (this.isBetterOffElsewhere(key, call)) return resolve('declined');
    const waiting = this.waiting.get(key) ?? [];
    const giveUp = () => {
      waiting.splice(waiting.indexOf(one), 1);
      if (waiting.length === 0) this.waiting.delete(key);
      this.waitingCount--;
      resolve('declined');
    };
    const one: Waiting = {
      call,
      resolve,
      timer: setTimeout(giveUp, PATIENCE_MS - (performance.now() - call.createdAt)),
    };
    waiting.push(one);
    this.waitingCount++;
    this.waiting.set(key, waiting);
  }

  /** Who waits longest goes first. */
  private pump(key: string): void {
    const waiting = this.waiting.get(key);
    if (!waiting) return;
    for (let route = this.best(key); route && waiting.length > 0; route = this.best(key)) {
      const { call, timer, resolve } = waiting.shift() as Waiting;
      clearTimeout(timer);
      this.waitingCount--;
      this.push(route, call, resolve);
    }
    if (waiting.length === 0) this.waiting.delete(key);
  }

  private ended(inFlight: InFlight, given: FastEnd): FastEnd {
    const { call, route, startedAt, isStored } = inFlight;
    const end = withFence(given);
    const isLost = end.error === 'Executor.Lost' && isStored;
    const record: CallRecord = { call, executorId: route.link.executorId, startedAt, endedAt: performance.now(), end };
    // One that is a task may still be reported as one, by its executor.
    if (!isLost) this.unmeasured.ended(inFlight, record);
    if (isStored) this.wakeups.wake(`invocation:${call.id}`);
    return end;
  }

  private find(id: string): InFlight | undefined {
    for (const { inFlight } of this.links.values())
      for (const one of inFlight.values()) if (one.call.id === id) return one;
    return undefined;
  }

  private async storeLong(): Promise<void> {
    const before = performance.now() - STORED_AFTER_MS;
    const long = [...this.links.values()].flatMap(({ inFlight }) => {
      const found: InFlight[] = [];
      for (const one of inFlight.values()) {
        if (one.startedAt > before) break; // They began in this order.
        if (!one.isStored) found.push(one);
      }
      return found;
    });
    if (long.length > 0)
      await this.storeAll(long).catch((error: unknown) =>
        this.logger.warn(`Calls that take long cannot be stored: ${String(error)}`),
      );
  }

  private async storeAll(all: readonly InFlight[]): Promise<void> {
    const running = all.map(({ call, route, startedAt }) => ({ call, startedAt, executorId: route.link.executorId }));
    await this.repository.insertRunning(running, LEASE_SECONDS);
    for (const one of all) {
      if (one.route.link.inFlight.get(one.number) !== one) continue;
      one.route.link.stored(one);
      this.unmeasured.stored(one.call.id);
    }
  }
}

/** Nothing that an executor still says of it is taken. */
function withFence(end: FastEnd): FastEnd {
  const { usage } = end;
  return usage.kill ? { ...end, usage: { ...usage, kill: { ...usage.kill, leaseFenced: true } } } : end;
}
