import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** The next tick of a schedule trigger. */
@Injectable()
export class NextTickRepository {
  constructor(private readonly database: Database) {}

  /** The database's clock, which the ticks are compared with. */
  async now(): Promise<number> {
    const [row] = await this.database.query<{ now: Date }>(sql`select now()`);
    return (row?.now ?? new Date()).getTime();
  }

  async save(triggerId: string, at: Date, jitterMs: number): Promise<void> {
    await this.database.query(sql`
      insert into schedule (trigger_id, next_fire_at, jitter_ms)
      values (${triggerId}, ${at}::timestamptz + ${jitterMs} * interval '1 millisecond', ${jitterMs})
      on conflict (trigger_id) do update set next_fire_at = excluded.next_fire_at, jitter_ms = excluded.jitter_ms`);
  }

  async delete(triggerId: string): Promise<void> {
    await this.database.query(sql`delete from schedule where trigger_id = ${triggerId}`);
  }
}
