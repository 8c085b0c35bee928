import { Wakeups } from '@app/common';
import { TaskQueueRepository, type TaskRef } from '@app/queue';
import type { Poll, PollAnswer, Registered, RegisterExecutor } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { TaskIntakeService } from '../tasks/task-intake.service.js';
import { AssignmentsService } from './assignments.service.js';
import { ExecutorRepository } from './executor.repository.js';
import { ExecutorNotFound } from './executors.errors.js';
import { WorkersOptions } from './workers.options.js';

/** What an executor did not mention this long after it was given has never reached it. */
const UNMENTIONED_SECONDS = 2;

/** The engine's side of the worker API. */
@Injectable()
export class WorkersService {
  constructor(
    private readonly executors: ExecutorRepository,
    private readonly queue: TaskQueueRepository,
    private readonly intake: TaskIntakeService,
    private readonly assignments: AssignmentsService,
    private readonly wakeups: Wakeups,
    private readonly options: WorkersOptions,
  ) {}

  async register(executor: RegisterExecutor): Promise<Registered> {
    const executorId = uuid();
    await this.executors.insert(executorId, executor);
    const { leaseSeconds, heartbeatSeconds } = this.options;
    return { executorId, leaseSeconds, heartbeatSeconds };
  }

  /**
   * One exchange: results are taken, leases renewed, and tasks that fit what is free are given out. With nothing
   * to say it waits, up to `waitMs`, for a task or a cancellation.
   */
  async poll(executorId: string, poll: Poll, signal?: AbortSignal): Promise<PollAnswer> {
    const labels = await this.executors.touch(executorId);
    if (!labels) throw new ExecutorNotFound(executorId);
    const refused = await this.intake.accept(poll.results);
    const deadline = Date.now() + poll.waitMs;
    for (;;) {
      // Listening before looking: what comes in between is not missed.
      const hint = this.hint(executorId, Math.max(0, deadline - Date.now()), signal);
      const cancel = await this.renew(executorId, poll);
      const tasks = signal?.aborted ? [] : await this.claim(executorId, labels, poll);
      const silent = tasks.length + cancel.length + refused.length + poll.results.length === 0;
      if (!silent || signal?.aborted || Date.now() >= deadline) return { tasks, cancel, refused };
      await hint;
    }
  }

  /** Gives out at once what an executor of this name held; for one that is known to be dead. */
  async releaseTasksOf(executorName: string): Promise<number> {
    return this.queue.release(executorName);
  }

  private async renew(executorId: string, { running }: Poll): Promise<TaskRef[]> {
    const held = await this.queue.extend(executorId, running, this.options.leaseSeconds);
    const ids = new Set(held.map(({ id }) => id));
    await this.intake.progressed(running.filter(({ id, progress }) => progress && ids.has(id)));
    return running.filter(({ id }) => !ids.has(id)).map(({ id, attempt }) => ({ id, attempt }));
  }

  private async claim(executorId: string, labels: string[], { free, running, results }: Poll) {
    const mentioned = [...running, ...results].map(({ id }) => id);
    const unmentioned = await this.queue.listUnmentioned(executorId, mentioned, UNMENTIONED_SECONDS);
    if (unmentioned.length > 0) return this.assignments.assignAll(unmentioned);
    if (free.slots === 0) return [];
    const { leaseSeconds } = this.options;
    const { slots: limit, memoryMb, vcpu } = free;
    const claimed = await this.queue.claim({
      kind: 'function',
      labels,
      limit,
      memoryMb,
      vcpu,
      executorId,
      leaseSeconds,
    });
    return this.assignments.assignAll(claimed);
  }

  private async hint(executorId: string, waitMs: number, signal?: AbortSignal): Promise<void> {
    const settled = new AbortController();
    const until = AbortSignal.any([settled.signal, ...(signal ? [signal] : [])]);
    const topics = ['tasks:function', `executor:${executorId}`];
    // Hints may be lost: look again now and then.
    const patience = Math.min(waitMs, 1_000 + Math.random() * 1_000);
    await Promise.race(topics.map((topic) => this.wakeups.wait(topic, patience, until)));
    settled.abort();
  }
}
