import { setTimeout as sleep } from 'node:timers/promises';
import type { Assignment, Places, Poll, PollAnswer, Progress, TaskRef, TaskResult } from '@app/worker-api';
import { Injectable, Logger } from '@nestjs/common';
import { Capabilities } from '../capabilities/capabilities.service.js';
import { ExecutorConfig } from '../config.js';
import { FastLane, type FastLaneHost, isShared } from '../fast-lane/fast-lane.js';
import { GatewayRefused } from '../gateway/gateway.errors.js';
import type { PlacedTask } from '../tasks/placed-task.js';
import { TaskAttempt, type TaskTools } from '../tasks/task-attempt.js';
import { Bell } from './bell.js';
import { CachedVersions } from './cached-versions.js';
import { Capacity, type Reservation } from './capacity.js';
import { Connection } from './connection.js';
import { Outbox } from './outbox.js';
import { ProgressBell } from './progress-bell.js';
import { hasGrown, minus, NOTHING_FREE, placesBeside } from './room.js';
import { RunningTasks } from './running-tasks.js';

const WAIT_MS = 20_000;
const IDLE_HEARTBEAT_MS = 5_000;
const KNOWN_MS = 500;
const LAST_WORD_MS = 3_000;
const MAX_HANDED_BACK = 1_000;
/** How long a task may wait here for what something else took that came in between. */
const ROOM_MS = 2_000;

/**
 * Talks to the gateway with two requests, so that neither has to be broken off for the other:
 *
 *   ask   waits at the gateway while a slot is free, and brings tasks
 *   tell  goes up at once with results, progress and signs of life, and offers what became free since `ask` went
 *
 * A slot is offered by one request at a time, so the answers never bring more than fits. An `ask` that breaks off
 * may have been given tasks that never came: the gateway gives again what we do not mention, and what comes
 * twice is begun once.
 */
@Injectable()
export class ExecutorWorker {
  private readonly logger = new Logger(ExecutorWorker.name);
  private readonly tasks = new RunningTasks();
  private readonly outbox = new Outbox();
  private handedBack: TaskRef[] = [];
  private readonly cached = new CachedVersions();
  private readonly tools: TaskTools;
  private readonly toTell = new Bell();
  private readonly toAsk = new Bell();
  private readonly inHand = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly stopped = new AbortController();
  private readonly hurrying = new AbortController();
  private loops: Promise<unknown> | undefined;
  /** What the waiting `ask` offers. */
  private asked = NOTHING_FREE;
  private askedPlaces: Places = [];
  private telling: Promise<boolean> | undefined;
  private readonly progress = new ProgressBell(() => this.toTell.ring());
  private readonly drainMs: number;
  private toDrain: () => void = () => {};
  /** Resolves when the gateway asks this executor to stop. Until somebody does it, it goes on without new tasks. */
  readonly drainRequested = new Promise<void>((resolve) => {
    this.toDrain = resolve;
  });

  constructor(
    config: ExecutorConfig,
    private readonly lane: FastLane,
    private readonly connection: Connection,
    private readonly capacity: Capacity,
    private readonly capabilities: Capabilities,
  ) {
    const { tools } = lane;
    this.tools = { ...tools, freeMb: () => capacity.free.memoryMb, poolOf: (task) => lane.poolOf(task) };
    tools.instances.onNews = () => this.toTell.ring();
    this.drainMs = config.drainMs;
    capacity.onRelease(() => {
      this.toAsk.ring();
      if (hasGrown(this.asked, capacity.free)) this.toTell.ring();
    });
  }

  start(): void {
    this.loops ??= Promise.all([this.askLoop(), this.tellLoop()]);
    this.lane.start(this.laneHost());
    this.tools.warm.templates.start();
  }

  /** Takes no more tasks, lets those in hand finish for a while, ends the rest, and tells the last results. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.toAsk.ring();
    const laneEnded = this.lane.stop(this.drainMs);
    const ended = this.tools.warm.close();
    await Promise.race([Promise.all(this.inHand), this.patience()]);
    this.tasks.stopAll('shutdown');
    while (this.inHand.size > 0) await Promise.all(this.inHand);
    await laneEnded;
    await ended;
    await this.tools.warm.close(); // Of those that were in hand.
    const end = performance.now() + LAST_WORD_MS;
    while (this.untold > 0 && this.loops && performance.now() < end) {
      this.toTell.ring();
      await sleep(20);
    }
    this.stopped.abort();
    this.toTell.ring();
    await this.loops;
    if (this.loops) await this.connection.leave();
  }

  /** While it stops: waits for nothing any more. Tasks in hand end, and are handed back. */
  hurry(): void {
    this.hurrying.abort();
    this.lane.hurry();
  }

  private async patience(): Promise<void> {
    await sleep(this.drainMs, undefined, { ref: false, signal: this.hurrying.signal }).catch(() => {});
  }

  private async askLoop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      while (this.telling) await this.telling; // It may bring what is free now.
      const { free } = this.capacity;
      const { places } = this.lane;
      if (free.slots === 0 && places.length === 0) {
        await this.toAsk.wait(WAIT_MS);
        continue;
      }
      this.asked = free;
      this.askedPlaces = places;
      const running = [...this.tasks.list(), ...this.outbox.refs, ...this.handedBack];
      const { inputs, instances } = this.tools;
      const has = {
        instances: instances.views(),
        cached: this.cached.list(),
        inputs: inputs.keys,
        inputCache: inputs.use,
      };
      const poll = { free, places, running, results: [], ...has };
      const answer = await this.connection.exchange({ ...poll, waitMs: WAIT_MS }, signal);
      this.asked = NOTHING_FREE;
      this.askedPlaces = [];
      if (answer instanceof Error) await this.connection.rest(signal);
      else if (this.take(answer) === 0 && answer.tasks.length > 0) await sleep(KNOWN_MS); // Only what we know: no haste.
    }
  }

  private async tellLoop(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      await this.toTell.wait(this.connection.heartbeatMs ?? IDLE_HEARTBEAT_MS);
      const isQuiet = this.tasks.size + this.untold === 0 && !hasGrown(this.asked, this.capacity.free);
      const isSilent = isQuiet && !this.tools.instances.hasNews;
      if (signal.aborted || isSilent) continue; // Asking is sign of life enough.
      this.telling = this.tell(signal);
      const isTold = await this.telling;
      this.telling = undefined;
      if (isTold) continue;
      await this.connection.rest(signal);
      this.toTell.ring();
    }
  }

  private async tell(signal: AbortSignal): Promise<boolean> {
    const results = this.outbox.next();
    const handedBack = this.handedBack.slice(0, MAX_HANDED_BACK);
    const free = this.stopping.signal.aborted ? NOTHING_FREE : minus(this.capacity.free, this.asked);
    const instances = this.tools.instances.report();
    const spare = this.capacity.free;
    const places = this.stopping.signal.aborted ? [] : placesBeside(this.lane.places, this.askedPlaces);
    const more = {
      spare,
      ...(places.length > 0 && { places }),
      ...(hasGrown(this.asked, spare) && { again: true }),
      ...(instances && { instances }),
      ...(handedBack.length > 0 && { handedBack }),
    };
    const answer = await this.connection.exchange({ ...this.state(results), ...more, free, waitMs: 0 }, signal);
    if (answer instanceof Error) this.tools.instances.unsaid();
    this.progress.told();
    if (answer instanceof GatewayRefused && isAboutContent(answer)) {
      this.logger.error(`The gateway refuses what we tell: ${answer.message}`);
      this.outbox.refused(results, answer.message);
      return false;
    }
    if (answer instanceof Error) {
      this.outbox.failed(results);
      return false;
    }
    this.outbox.delivered(results);
    this.handedBack = this.handedBack.filter((ref) => !handedBack.includes(ref));
    if (this.untold > 0) this.toTell.ring();
    this.take(answer);
    return true;
  }

  /** Results that do not go with this request are mentioned as running, or their lease would run out. */
  private state(results: readonly TaskResult[]): Pick<Poll, 'running' | 'results'> {
    const going = new Set(results.map(({ id }) => id));
    return {
      running: [...this.tasks.list(), ...this.outbox.refs.filter(({ id }) => !going.has(id))],
      results: [...results],
    };
  }

  /** Returns how many tasks it began. */
  private take({ tasks, cancel, refused, drain, keep }: PollAnswer): number {
    if (drain) this.toDrain();
    this.capacity.keep(keep);
    for (const ref of cancel) this.tasks.stop(ref, 'cancelled');
    for (const { id, attempt } of refused)
      this.logger.warn(`The result of task ${id}, attempt ${attempt}, came too late`);
    return tasks.filter((task) => this.begin(task)).length;
  }

  private begin(task: Assignment): boolean {
    const signal = this.tasks.begin(task);
    if (!signal) return false;
    const work = this.run(task, signal).finally(() => this.inHand.delete(work));
    this.inHand.add(work);
    if (this.stopping.signal.aborted) this.tasks.stop(task, 'shutdown'); // It came with the last answer.
    return true;
  }

  private async run(task: Assignment, signal: AbortSignal): Promise<void> {
    // An instance that serves several tasks has room of its own, once.
    const room = isShared(task) ? NO_ROOM : (this.capacity.reserve(task.resources) ?? (await this.waitForRoom(task)));
    if (room) await this.attempt(task, room, signal);
    else this.handedBack.push(refOf(task));
    this.cached.add(task.function);
    this.tasks.end(task);
    room?.release();
    this.toTell.ring();
    this.toAsk.ring();
  }

  /** What was offered may have been taken since, by a call of the fast lane. */
  private async waitForRoom({ resources }: Assignment): Promise<Reservation | undefined> {
    const room = this.capacity.reserveWithin(ROOM_MS, resources);
    void this.lane.makeRoom();
    return room;
  }

  /** What a shutdown ended is handed back: it did not fail, and another executor can begin it at once. */
  private async attempt(task: Assignment, room: Reservation, signal: AbortSignal): Promise<void> {
    const placed = this.placed(task, room);
    this.lane.learn(placed);
    const attempt = new TaskAttempt(this.tools, placed, (progress) => this.progressed(task, progress), signal);
    const result = await attempt.run();
    // Before it ends: at any moment it is in hand, or among what is to be told.
    if (result) this.outbox.add(result);
    else if (signal.reason === 'shutdown' || attempt.isToRepeat) this.handedBack.push(refOf(task));
  }

  /** It sees the devices that it was allotted, and no others. */
  private placed(task: Assignment, { gpus }: Reservation): PlacedTask {
    const attached = this.capabilities.attached(gpus);
    const environment = { ...attached.env, ...task.function.environment, ...this.capabilities.environment(gpus) };
    return { ...task, function: { ...task.function, environment }, gpus: gpus.map(({ uuid }) => uuid), attached };
  }

  /** What calls over the fast lane need of what is kept here. */
  private laneHost(): FastLaneHost {
    return {
      registered: () => this.connection.registered(),
      adopt: (ref, stop) => this.tasks.adopt(ref, stop),
      progressed: (ref, progress) => this.progressed(ref, progress),
      ended: (ref, result) => {
        if (result) this.outbox.add(result);
        this.tasks.end(ref);
        if (result) this.toTell.ring();
      },
      handBack: (ref) => {
        this.handedBack.push(ref);
        this.tasks.end(ref);
        this.toTell.ring();
      },
    };
  }

  /** What the gateway has not answered for yet. */
  private get untold(): number {
    return this.outbox.size + this.handedBack.length;
  }

  private progressed(task: TaskRef, progress: Progress): void {
    if (this.tasks.progressed(task, progress)) this.progress.moved();
  }
}

const NO_ROOM: Reservation = { gpus: [], release() {} };

const refOf = ({ id, attempt }: TaskRef): TaskRef => ({ id, attempt });

/** The exchange itself was not acceptable, whoever sent it. */
const isAboutContent = ({ status }: GatewayRefused): boolean => status === 400 || status === 413 || status === 422;
