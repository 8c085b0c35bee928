import { Database, Wakeups } from '@app/common';
import { type TaskRef, TaskQueueRepository } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { type Flight, FlightRepository } from './flight.repository.js';

/** Until one that waits looks for itself whether its leader is still at it: whoever wakes it may have died. */
const LOOK_SECONDS = 20;

/**
 * Work that is asked for while it is being done: the first does it, the others go back to the queue and are served from
 * its result. If there is none (it failed, was cancelled or lost), one of them does it. Nothing is held meanwhile but
 * rows: an executor that waits for work has all of its room, and any process may die.
 */
@Injectable()
export class FlightsService {
  constructor(
    private readonly database: Database,
    private readonly flights: FlightRepository,
    private readonly queue: TaskQueueRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Gives back the ids of those that wait from now on. The row of a key is what a leader's end waits for. */
  async join(flights: readonly Flight[]): Promise<Set<string>> {
    if (flights.length === 0) return new Set();
    const followers = await this.database.transaction(async () => {
      await this.flights.lock(flights);
      const found = await this.flights.lead(flights);
      const waiting = new Set(found.map(({ id }) => id));
      await this.flights.unfollow(flights.map(({ id }) => id).filter((id) => !waiting.has(id)));
      if (found.length > 0) {
        await this.flights.follow(found);
        await this.queue.defer(found, LOOK_SECONDS);
      }
      return found;
    });
    return new Set(followers.map(({ id }) => id));
  }

  /** The task has come to its end, with a result that is kept or without: nobody waits for it any longer. */
  async land({ id }: Pick<TaskRef, 'id'>): Promise<void> {
    const woken = await this.database.transaction(async () => {
      if (!(await this.flights.land(id))) return [];
      const followers = await this.flights.takeFollowers(id);
      if (followers.length > 0) await this.queue.makeDue(followers);
      return followers;
    });
    if (woken.length > 0) this.wakeups.wake('tasks:function');
  }

  /** One whose known result could not be brought to it is run, whoever else is at the same work. */
  async giveBack(task: TaskRef): Promise<void> {
    if (await this.queue.giveBack(task)) this.wakeups.wake('tasks:function');
  }
}
