import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export interface DueSchedule {
  readonly triggerId: string;
  readonly namespace: string;
  readonly name: string;
  readonly source: { readonly cron: string; readonly timezone: string };
  readonly fireAt: Date;
}

@Injectable()
export class ScheduleRepository {
  constructor(private readonly database: Database) {}

  /** Due ticks whose rows this transaction holds now; other routers pass over them. */
  async lockDue(limit: number): Promise<DueSchedule[]> {
    return this.database.query<DueSchedule & Record<string, unknown>>(sql`
      select trigger_id as "triggerId", namespace, name, source, next_fire_at as "fireAt"
      from schedule join trigger on trigger.id = schedule.trigger_id
      where next_fire_at <= now() and trigger.enabled
      order by next_fire_at
      limit ${limit}
      for update of schedule skip locked`);
  }

  async saveNext(triggerId: string, firedAt: Date, nextFireAt: Date): Promise<void> {
    await this.database.query(sql`
      update schedule set last_fire_at = ${firedAt}, next_fire_at = ${nextFireAt} where trigger_id = ${triggerId}`);
  }

  /** Milliseconds until the next tick; undefined if there is none. */
  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(next_fire_at) - now()) * 1000)::float8 as ms from schedule`);
    return row?.ms ?? undefined;
  }
}
