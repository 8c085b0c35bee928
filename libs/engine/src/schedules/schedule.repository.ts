import { Database, sql } from '@app/common';
import type { ScheduleSource } from '@app/events';
import { Injectable } from '@nestjs/common';

export interface DueSchedule {
  readonly triggerId: string;
  readonly namespace: string;
  readonly name: string;
  readonly source: ScheduleSource;
  readonly createdAt: Date;
  /** The planned time of the tick; it is due later by its jitter. */
  readonly tickAt: Date;
  /** A tick that waits for what the one before it started. */
  readonly bufferedAt: Date | null;
  readonly lastTargetKind: 'workflow' | 'function' | null;
  readonly lastTargetId: string | null;
  /** The database's clock, which ticks are compared with. */
  readonly now: Date;
}

export interface FiredSchedule {
  readonly triggerId: string;
  readonly tickAt: Date;
  readonly targetKind: string;
  readonly targetId: string;
  readonly nextAt: Date | null;
  readonly jitterMs: number;
}

@Injectable()
export class ScheduleRepository {
  constructor(private readonly database: Database) {}

  /** Due ticks whose rows this transaction holds now; other routers pass over them. */
  async lockDue(limit: number): Promise<DueSchedule[]> {
    return this.database.query<DueSchedule & Record<string, unknown>>(sql`
      select trigger_id as "triggerId", namespace, name, source, created_at as "createdAt",
             next_fire_at - jitter_ms * interval '1 millisecond' as "tickAt", buffered_at as "bufferedAt",
             last_target_kind as "lastTargetKind", last_target_id as "lastTargetId", clock_timestamp() as now
      from schedule join trigger on trigger.id = schedule.trigger_id
      where next_fire_at <= now() and trigger.enabled
      order by next_fire_at
      limit ${limit}
      for update of schedule skip locked`);
  }

  /** Schedules with a tick that waited for the one before it, which has ended now. */
  async lockBuffered(limit: number): Promise<DueSchedule[]> {
    return this.database.query<DueSchedule & Record<string, unknown>>(sql`
      select trigger_id as "triggerId", namespace, name, source, created_at as "createdAt",
             buffered_at as "tickAt", buffered_at as "bufferedAt",
             last_target_kind as "lastTargetKind", last_target_id as "lastTargetId", clock_timestamp() as now
      from schedule join trigger on trigger.id = schedule.trigger_id
      where buffered_at is not null and trigger.enabled
        and not exists (select from execution where id = last_target_id and status = 'RUNNING')
        and not exists (select from task where id = last_target_id and status in ('QUEUED', 'RUNNING', 'PUBLISHING'))
      order by buffered_at
      limit ${limit}
      for update of schedule skip locked`);
  }

  async isRunning(targetId: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      select from execution where id = ${targetId} and status = 'RUNNING'
      union all
      select from task where id = ${targetId} and status in ('QUEUED', 'RUNNING', 'PUBLISHING')`);
    return rows.length > 0;
  }

  /** What the tick started, or no change if it started nothing. */
  async saveFired(triggerId: string, tickAt: Date, target?: { targetKind: string; targetId: string }): Promise<void> {
    await this.database.query(sql`
      update schedule set last_fire_at = ${tickAt},
        last_target_kind = coalesce(${target?.targetKind ?? null}, last_target_kind),
        last_target_id = coalesce(${target?.targetId ?? null}::uuid, last_target_id)
      where trigger_id = ${triggerId}`);
  }

  /** What many ticks started, and when the next ones are due; none is, where there is no time. */
  async saveFiredTogether(fired: readonly FiredSchedule[]): Promise<void> {
    if (fired.length === 0) return;
    const rows = fired.map(({ triggerId, tickAt, targetKind, targetId, nextAt, jitterMs }) => {
      return { triggerId, tickAt, targetKind, targetId, nextAt: nextAt ?? 'infinity', jitterMs };
    });
    await this.database.query(sql`
      update schedule set last_fire_at = "tickAt", last_target_kind = "targetKind", last_target_id = "targetId",
        next_fire_at = "nextAt", jitter_ms = "jitterMs"
      from json_to_recordset(${JSON.stringify(rows)}::json) as t("triggerId" uuid, "tickAt" timestamptz,
        "targetKind" text, "targetId" uuid, "nextAt" timestamptz, "jitterMs" integer)
      where trigger_id = "triggerId"`);
  }

  async saveBuffered(triggerId: string, tickAt: Date | null): Promise<void> {
    await this.database.query(sql`update schedule set buffered_at = ${tickAt} where trigger_id = ${triggerId}`);
  }

  async saveNext(triggerId: string, tickAt: Date, jitterMs: number): Promise<void> {
    await this.database.query(sql`
      update schedule set next_fire_at = ${tickAt}::timestamptz + ${jitterMs} * interval '1 millisecond',
                          jitter_ms = ${jitterMs}
      where trigger_id = ${triggerId}`);
  }

  /** There is no next tick; the row stays for a tick that waits. */
  async saveLast(triggerId: string): Promise<void> {
    await this.database.query(sql`
      update schedule set next_fire_at = 'infinity', jitter_ms = 0 where trigger_id = ${triggerId}`);
  }

  /** Milliseconds until the next tick; undefined if there is none. */
  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(next_fire_at) - now()) * 1000)::float8 as ms
      from schedule where next_fire_at < 'infinity'`);
    return row?.ms ?? undefined;
  }
}
