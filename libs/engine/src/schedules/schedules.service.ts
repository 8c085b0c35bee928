import { Database } from '@app/common';
import { nextFireTime, nextFireTimes, type Schedule, scheduleEvent, type ScheduleSource } from '@app/events';
import { Injectable } from '@nestjs/common';
import { EventsService } from '../events/events.service.js';
import { TargetsService } from '../events/targets.service.js';
import { jitterMs } from './jitter.js';
import { type DueSchedule, ScheduleRepository } from './schedule.repository.js';
import { TickBatchService } from './tick-batch.service.js';

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
    private readonly batches: TickBatchService,
  ) {}

  /** How many ticks were fired; fewer than `limit` means that no more are due. */
  async fireDue(limit: number): Promise<number> {
    await this.fireBuffered(limit);
    return this.database.transaction(async () => {
      const due = await this.schedules.lockDue(limit);
      const fired = await this.fireTogether(due);
      for (const schedule of due) if (!fired.has(schedule)) await this.fireOrMiss(schedule);
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

  /** Those for which nothing has to be asked: they are not late, and what the tick before them started is no matter. */
  private async fireTogether(due: readonly DueSchedule[]): Promise<ReadonlySet<DueSchedule>> {
    const plain = due.filter((one) => !isMissed(one) && (one.source.overlap === 'allow' || one.lastTargetId === null));
    if (plain.length < 2) return new Set();
    const fired = await this.batches.fire(plain);
    await this.schedules.saveFiredTogether(
      fired.map(({ schedule, targetKind, targetId }) => {
        const next = nextOf(schedule);
        return {
          ...schedule,
          targetKind,
          targetId,
          nextAt: next ? new Date(next.at + next.jitterMs) : null,
          jitterMs: next?.jitterMs ?? 0,
        };
      }),
    );
    return new Set(fired.map(({ schedule }) => schedule));
  }

  private async fireOrMiss(schedule: DueSchedule): Promise<void> {
    if (!isMissed(schedule)) await this.fire(schedule);
    const next = nextOf(schedule);
    if (next === undefined) return this.schedules.saveLast(schedule.triggerId);
    await this.schedules.saveNext(schedule.triggerId, new Date(next.at), next.jitterMs);
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

function isMissed({ source: { misfire, misfireWindowSeconds, jitterSeconds = 0 }, tickAt, now }: DueSchedule): boolean {
  const lateMs = now.getTime() - tickAt.getTime() - jitterSeconds * 1_000;
  return (
    (misfire === 'all' && lateMs > misfireWindowSeconds * 1_000) || (misfire === 'skip' && lateMs > MISSED_AFTER_MS)
  );
}

/** "all" goes on with the tick after this one, or the first that is not too old; the others with the next from now. */
function nextOf({
  triggerId,
  source,
  createdAt,
  tickAt,
  now,
}: DueSchedule): { at: number; jitterMs: number } | undefined {
  const { misfire, misfireWindowSeconds, jitterSeconds } = source;
  const from = misfire === 'all' ? now.getTime() - misfireWindowSeconds * 1_000 : now.getTime();
  const at = nextFireTime(counted(source, createdAt), Math.max(from, tickAt.getTime()));
  return at === undefined ? undefined : { at, jitterMs: jitterMs(triggerId, at, jitterSeconds) };
}

/** A rate is counted from when its trigger was made. */
const counted = (source: ScheduleSource, createdAt: Date): Schedule => ({ ...source, anchorMs: createdAt.getTime() });
