import { Database } from '@app/common';
import type { NewTask } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import { FollowUpsService } from './follow-ups.service.js';
import { KnownExecutions } from './known-executions.js';
import { type Offer, Offers } from './offers.js';
import { StaleTurns, TurnRepository } from './turn.repository.js';

interface Reservation {
  readonly offer: Offer;
  readonly task: NewTask;
}

/** Writes what turns have come to, and everything that follows from it. */
@Injectable()
export class TurnWriter {
  constructor(
    private readonly database: Database,
    private readonly turns: TurnRepository,
    private readonly followUps: FollowUpsService,
    private readonly known: KnownExecutions,
    private readonly offers: Offers,
  ) {}

  /**
   * The executions that could not begin, as there is one of their name. Undefined if nothing was written: something
   * has changed since it was read. In a transaction of the caller, which has locked what it has read, that is an error.
   */
  async write(batch: readonly Changes[]): Promise<ReadonlySet<string> | undefined> {
    await this.turns.prepare(batch);
    if (this.database.isInTransaction) return this.writeRows(batch);
    try {
      if (batch.some((changes) => this.followUps.isNeeded(changes)))
        return await this.database.transaction(() => this.writeRows(batch));
      return await this.handOut(batch);
    } catch (error) {
      if (error instanceof StaleTurns) return undefined;
      throw error;
    }
  }

  /** Begun again, if it comes to large values that must be put into the store before. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.transaction(work);
  }

  /** New tasks become leases of executors that wait for them, which saves the claim; others go into the queue. */
  private async handOut(batch: readonly Changes[]): Promise<ReadonlySet<string>> {
    const reservations = batch.flatMap((changes) => this.reserve(changes));
    let refused: ReadonlySet<string> | undefined;
    try {
      refused = await this.writeRows(batch);
      return refused;
    } finally {
      for (const { offer, task } of reservations) {
        const isStored = refused && !refused.has(task.waiter?.executionId ?? '');
        if (isStored) offer.give(task);
        else offer.giveUp(task);
      }
    }
  }

  private reserve({ tasks }: Changes): Reservation[] {
    const reservations: Reservation[] = [];
    tasks.forEach((task, index) => {
      const reservation = this.offers.reserve(task);
      if (!reservation) return;
      tasks[index] = reservation.task;
      reservations.push(reservation);
    });
    return reservations;
  }

  private async writeRows(batch: readonly Changes[]): Promise<ReadonlySet<string>> {
    const left = new Set(await this.turns.write(batch));
    const written = batch.filter(({ execution }) => !left.has(execution.id));
    const following = written.filter((changes) => this.followUps.isNeeded(changes));
    if (following.length > 0) await this.followUps.save(following);
    this.followUps.hint(written);
    this.database.afterCommit(() => {
      for (const changes of written) this.known.put(changes);
    });
    return left;
  }
}
