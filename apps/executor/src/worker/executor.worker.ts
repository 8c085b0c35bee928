import { setTimeout as sleep } from 'node:timers/promises';
import { Sandbox } from '@app/sandbox';
import type { Assignment, Poll, PollAnswer, Progress, Resources, TaskRef, TaskResult } from '@app/worker-api';
import { Injectable, Logger } from '@nestjs/common';
import { ExecutorConfig } from '../config.js';
import { TaskFiles } from '../files/task-files.js';
import { GatewayClient } from '../gateway/gateway.client.js';
import { GatewayRefused } from '../gateway/gateway.errors.js';
import { TaskAttempt, type TaskTools } from '../tasks/task-attempt.js';
import { WarmInstances } from '../warm/warm-instances.js';
import { Bell } from './bell.js';
import { Connection } from './connection.js';
import { Outbox } from './outbox.js';
import { RunningTasks } from './running-tasks.js';

const WAIT_MS = 20_000;
const IDLE_HEARTBEAT_MS = 5_000;
const PROGRESS_MS = 500;
const KNOWN_MS = 500;
const LAST_WORD_MS = 3_000;
const NOTHING_FREE: Resources = { slots: 0, memoryMb: 0, vcpu: 0 };

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
  private readonly tasks: RunningTasks;
  private readonly outbox = new Outbox();
  private readonly tools: TaskTools;
  private readonly toTell = new Bell();
  private readonly toAsk = new Bell();
  private readonly connection: Connection;
  private readonly inHand = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly stopped = new AbortController();
  private loops: Promise<unknown> | undefined;
  /** What the waiting `ask` offers. */
  private asked = NOTHING_FREE;
  private telling: Promise<boolean> | undefined;
  private toldAt = 0;
  private progressTimer: NodeJS.Timeout | undefined;
  private readonly drainMs: number;

  constructor(config: ExecutorConfig, gateway: GatewayClient, files: TaskFiles, sandbox: Sandbox, warm: WarmInstances) {
    this.tasks = new RunningTasks(config.capacity);
    const freeMb = () => this.tasks.free.memoryMb;
    const { code, folders } = files;
    const { instances } = warm;
    this.tools = { gateway, sandbox, warm, instances, code, folders, graceMs: config.graceMs, freeMb };
    instances.onNews = () => this.toTell.ring();
    this.connection = new Connection(config, gateway);
    this.drainMs = config.drainMs;
  }

  start(): void {
    this.loops ??= Promise.all([this.askLoop(), this.tellLoop()]);
  }

  /** Takes no more tasks, lets those in hand finish for a while, ends the rest, and tells the last results. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.toAsk.ring();
    const ended = this.tools.warm.close();
    await Promise.race([Promise.all(this.inHand), sleep(this.drainMs, undefined, { ref: false })]);
    this.tasks.stopAll('shutdown');
    while (this.inHand.size > 0) await Promise.all(this.inHand);
    await ended;
    await this.tools.warm.close(); // Of those that were in hand.
    const end = performance.now() + LAST_WORD_MS;
    while (this.outbox.size > 0 && this.loops && performance.now() < end) {
      this.toTell.ring();
      await sleep(20);
    }
    this.stopped.abort();
    this.toTell.ring();
    await this.loops;
  }

  private async askLoop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      while (this.telling) await this.telling; // It may bring what is free now.
      const { free } = this.tasks;
      if (free.slots === 0) {
        await this.toAsk.wait(WAIT_MS);
        continue;
      }
      this.asked = free;
      const running = [...this.tasks.list(), ...this.outbox.refs];
      const poll = { free, running, results: [], instances: this.tools.instances.views(), waitMs: WAIT_MS };
      const answer = await this.connection.exchange(poll, signal);
      this.asked = NOTHING_FREE;
      if (answer instanceof Error) await this.connection.rest(signal);
      else if (this.take(answer) === 0 && answer.tasks.length > 0) await sleep(KNOWN_MS); // Only what we know: no haste.
    }
  }

  private async tellLoop(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      await this.toTell.wait(this.connection.heartbeatMs ?? IDLE_HEARTBEAT_MS);
      const isSilent = this.tasks.size === 0 && this.outbox.size === 0 && !this.tools.instances.hasNews;
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
    const free = this.stopping.signal.aborted ? NOTHING_FREE : minus(this.tasks.free, this.asked);
    const instances = this.tools.instances.report();
    const said = { ...this.state(results), free, waitMs: 0, ...(instances && { instances }) };
    const answer = await this.connection.exchange(said, signal);
    if (answer instanceof Error) this.tools.instances.unsaid();
    this.toldAt = performance.now();
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
    if (this.outbox.size > 0) this.toTell.ring();
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
  private take({ tasks, cancel, refused }: PollAnswer): number {
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
    const attempt = new TaskAttempt(this.tools, task, (progress) => this.progressed(task, progress), signal);
    const result = await attempt.run();
    if (result) this.outbox.add(result); // Before it ends: at any moment it is in hand or in the outbox.
    this.tasks.end(task);
    this.toTell.ring();
    this.toAsk.ring();
  }

  private progressed(task: TaskRef, progress: Progress): void {
    if (!this.tasks.progressed(task, progress)) return;
    const dueMs = this.toldAt + PROGRESS_MS - performance.now();
    if (dueMs <= 0) this.toTell.ring();
    else this.progressTimer ??= setTimeout(() => this.tellProgress(), dueMs).unref();
  }

  private tellProgress(): void {
    this.progressTimer = undefined;
    this.toTell.ring();
  }
}

const minus = (a: Resources, b: Resources): Resources => ({
  slots: Math.max(0, a.slots - b.slots),
  memoryMb: Math.max(0, a.memoryMb - b.memoryMb),
  vcpu: Math.max(0, a.vcpu - b.vcpu),
});

/** The exchange itself was not acceptable, whoever sent it. */
const isAboutContent = ({ status }: GatewayRefused): boolean => status === 400 || status === 413 || status === 422;
