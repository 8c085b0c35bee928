import { Database } from '@app/common';
import { nextFireTime, scheduleEvent } from '@app/events';
import { Injectable } from '@nestjs/common';
import { EventsService } from '../events/events.service.js';
import { type DueSchedule, ScheduleRepository } from './schedule.repository.js';

/** Fires schedules: the tick, what it starts and the next tick's time are stored together. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly database: Database,
    private readonly schedules: ScheduleRepository,
    private readonly events: EventsService,
  ) {}

  /** How many ticks were fired; fewer than `limit` means that no more are due. */
  async fireDue(limit: number): Promise<number> {
    return this.database.transaction(async () => {
      const due = await this.schedules.lockDue(limit);
      for (const schedule of due) await this.fire(schedule);
      return due.length;
    });
  }

  async nextInMs(): Promise<number | undefined> {
    return this.schedules.nextInMs();
  }

  /** A router that was down fires the tick it missed once, and goes on with the next one from now. */
  private async fire({ triggerId, namespace, name, source, fireAt }: DueSchedule): Promise<void> {
    await this.events.ingest(namespace, scheduleEvent(name, fireAt));
    await this.schedules.saveNext(
      triggerId,
      fireAt,
      new Date(nextFireTime(source, Math.max(Date.now(), fireAt.getTime()))),
    );
  }
}
