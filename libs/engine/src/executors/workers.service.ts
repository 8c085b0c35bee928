import { ChildAbort, Wakeups } from '@app/common';
import type { TaskRef } from '@app/queue';
import type { Poll, PollAnswer } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import type { Offer } from '../executions/offers.js';
import { keptFor } from '../placement/reservations.js';
import { TaskIntakeService } from '../tasks/task-intake.service.js';
import { AssignmentsService } from './assignments.service.js';
import { ExecutorsService } from './executors.service.js';
import { LeasesService } from './leases.service.js';

/** The engine's side of the exchange with executors. */
@Injectable()
export class WorkersService {
  constructor(
    private readonly executors: ExecutorsService,
    private readonly leases: LeasesService,
    private readonly intake: TaskIntakeService,
    private readonly assignments: AssignmentsService,
    private readonly wakeups: Wakeups,
  ) {}

  /**
   * One exchange: results are taken, leases renewed, and tasks that fit what is free are given out. With nothing
   * to say it waits, up to `waitMs`, for a task or a cancellation.
   */
  async poll(executorId: string, poll: Poll, signal?: AbortSignal): Promise<PollAnswer> {
    const { labels, isDraining, reserved } = await this.executors.heardOf(executorId, poll);
    if (isDraining) return this.draining(executorId, poll);
    const has = { warm: this.executors.warmAt(executorId), cached: new Set(poll.cached), inputs: new Set(poll.inputs) };
    const offer = this.leases.offer(executorId, { labels, has, reserved }, poll);
    const again = `again:${executorId}`;
    if (poll.again || this.leases.isAwaited(reserved, poll)) this.wakeups.wake(again);
    const stop = poll.waitMs > 0 ? this.wakeups.on(again, () => offer.expire()) : () => {};
    try {
      const keep = keptFor(reserved, poll.spare ?? poll.free);
      return { ...(await this.exchange(offer, poll, signal)), ...(keep && { keep }) };
    } finally {
      stop();
      this.leases.withdraw(offer);
    }
  }

  /** One that was asked to go is given nothing, and need not wait for it. */
  private async draining(executorId: string, { handedBack = [], results, running }: Poll): Promise<PollAnswer> {
    await this.leases.handBack(executorId, handedBack);
    const refused = await this.intake.accept(results);
    return { tasks: [], cancel: await this.renew(executorId, running), refused, drain: true };
  }

  private async exchange(offer: Offer, poll: Poll, signal?: AbortSignal): Promise<PollAnswer> {
    await this.leases.handBack(offer.executorId, poll.handedBack ?? []);
    const refused = await this.intake.accept(poll.results);
    // Who has reported is answered at once, whatever there is.
    if (poll.results.length > 0) return { ...(await this.look(offer, poll, signal)).answer, refused };
    const deadline = Date.now() + poll.waitMs;
    for (;;) {
      const settled = new ChildAbort(signal);
      try {
        // Listening before looking: what comes in between is not missed.
        const hint = this.hint(offer, deadline - Date.now(), settled.signal);
        const { answer, hasClaimed } = await this.look(offer, poll, signal);
        const isSilent = answer.tasks.length + answer.cancel.length === 0 && !answer.drain;
        if (!isSilent || offer.isExpired || signal?.aborted || Date.now() >= deadline) return { ...answer, refused };
        this.leases.reopen(offer, poll);
        // What needed no executor has left its place to others.
        if (!hasClaimed) await hint;
      } finally {
        settled.release();
      }
    }
  }

  private async look(offer: Offer, poll: Poll, signal?: AbortSignal) {
    const cancel = await this.renew(offer.executorId, poll.running);
    const drain = await this.executors.isDraining(offer.executorId);
    if (drain) offer.exhaust();
    const claimed = await this.leases.claim(offer, poll, signal);
    const tasks = await this.assignments.assignAll(offer.executorId, claimed, await this.executors.count());
    return { answer: { tasks, cancel, ...(drain && { drain }) }, hasClaimed: claimed.length > 0 };
  }

  private async renew(executorId: string, running: Poll['running']): Promise<TaskRef[]> {
    const lost = await this.leases.renew(executorId, running);
    const gone = new Set(lost.map(({ id }) => id));
    await this.intake.progressed(running.filter(({ id, progress }) => progress && !gone.has(id)));
    return lost;
  }

  private async hint(offer: Offer, waitMs: number, until: AbortSignal): Promise<void> {
    // Hints may be lost: look again now and then, replicas out of step.
    const patience = Math.max(0, Math.min(waitMs, 1_000 + Math.random() * 1_000));
    const topics = ['tasks:function', `executor:${offer.executorId}`];
    await Promise.race([offer.change(), ...topics.map((topic) => this.wakeups.wait(topic, patience, until))]);
  }
}
