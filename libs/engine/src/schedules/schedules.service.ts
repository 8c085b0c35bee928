import { Database } from '@app/common';
import { nextFireTime, nextFireTimes, type Schedule, scheduleEvent, type ScheduleSource } from '@app/events';
import { Injectable } from '@nestjs/common';
import { EventsService } from '../events/events.service.js';
import { TargetsService } from '../events/targets.service.js';
import { jitterMs } from './jitter.js';
import { type DueSchedule, ScheduleRepository } from './schedule.repository.js';

/** A tick that comes later than this was missed. Less is a router's ordinary delay. */
const MISSED_AFTER_MS = 60_000;

/** Fires schedules: the tick, what it starts and the next tick's time are stored together. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly database: Database,
    private readonly schedules: ScheduleRepository,
    private readonly events: EventsService,
    private readonly targets: TargetsService,
  ) {}

  /** How many ticks were fired; fewer than `limit` means that no more are due. */
  async fireDue(limit: number): Promise<number> {
    await this.fireBuffered(limit);
    return this.database.transaction(async () => {
      const due = await this.schedules.lockDue(limit);
      for (const schedule of due) await this.fireOrMiss(schedule);
      return due.length;
    });
  }

  async nextInMs(): Promise<number | undefined> {
    return this.schedules.nextInMs();
  }

  /** The planned times of the next ticks, without jitter. */
  preview(source: ScheduleSource, after: Date, count: number, createdAt = after): Date[] {
    return nextFireTimes(counted(source, createdAt), after.getTime(), count).map((tick) => new Date(tick));
  }

  private async fireOrMiss(schedule: DueSchedule): Promise<void> {
    const { source, tickAt, now } = schedule;
    const lateMs = now.getTime() - tickAt.getTime() - (source.jitterSeconds ?? 0) * 1_000;
    const { misfire, misfireWindowSeconds } = source;
    const isTooOld = misfire === 'all' && lateMs > misfireWindowSeconds * 1_000;
    const isMissed = misfire === 'skip' && lateMs > MISSED_AFTER_MS;
    if (!isTooOld && !isMissed) await this.fire(schedule);
    // "all" goes on with the tick after this one, or the first that is not too old; the others with the next from now.
    const from = misfire === 'all' ? now.getTime() - misfireWindowSeconds * 1_000 : now.getTime();
    await this.plan(schedule, Math.max(from, tickAt.getTime()));
  }

  private async plan({ triggerId, source, createdAt }: DueSchedule, afterMs: number): Promise<void> {
    const next = nextFireTime(counted(source, createdAt), afterMs);
    if (next === undefined) return this.schedules.saveLast(triggerId);
    await this.schedules.saveNext(triggerId, new Date(next), jitterMs(triggerId, next, source.jitterSeconds));
  }

  private async fire(schedule: DueSchedule): Promise<void> {
    const { triggerId, namespace, tickAt, bufferedAt, source, lastTargetKind: kind, lastTargetId: id } = schedule;
    if (source.overlap === 'allow' || !kind || !id || !(await this.schedules.isRunning(id)))
      return this.start(schedule);
    if (source.overlap === 'cancel') {
      const failure = { error: 'Schedule.Replaced', cause: `The tick of ${tickAt.toISOString()} takes its place` };
      await this.targets.stop(namespace, { targetKind: kind, targetId: id }, failure);
      return this.start(schedule);
    }
    await this.events.record(namespace, scheduleEvent(schedule.name, tickAt));
    await this.schedules.saveFired(triggerId, tickAt);
    if (source.overlap === 'buffer' && !bufferedAt) await this.schedules.saveBuffered(triggerId, tickAt);
  }

  private async start({ triggerId, namespace, name, tickAt }: DueSchedule): Promise<void> {
    const { started } = await this.events.ingest(namespace, scheduleEvent(name, tickAt));
    await this.schedules.saveFired(triggerId, tickAt, started[0]);
  }

  /** Ticks that waited for the one before them. Their events are stored already. */
  private async fireBuffered(limit: number): Promise<void> {
    await this.database.transaction(async () => {
      for (const { triggerId, namespace, name, tickAt } of await this.schedules.lockBuffered(limit)) {
        const started = await this.events.startRecorded(namespace, scheduleEvent(name, tickAt));
        await this.schedules.saveFired(triggerId, tickAt, started[0]);
        await this.schedules.saveBuffered(triggerId, null);
      }
    });
  }
}

/** A rate is counted from when its trigger was made. */
const counted = (source: ScheduleSource, createdAt: Date): Schedule => ({ ...source, anchorMs: createdAt.getTime() });
