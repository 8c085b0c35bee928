import { Database, sql } from '@app/common';
import type { Reading } from '@app/event-bus';
import { Injectable } from '@nestjs/common';

/** What the sources of triggers keep: the next tick of a schedule, and places on the bus to forget. */
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

  /** The bus is told to forget a place that is no longer read from, and not one that is read again. */
  async moveReading(before: Reading | undefined, after: Reading | undefined): Promise<void> {
    if (before?.topic === after?.topic) return;
    if (before) {
      await this.database.query(sql`
        insert into forgotten_reading (topic, "group") values (${before.topic}, ${before.group}) on conflict do nothing`);
    }
    if (after) {
      await this.database.query(sql`
        delete from forgotten_reading where topic = ${after.topic} and "group" = ${after.group}`);
    }
  }

  async delete(triggerId: string): Promise<void> {
    await this.database.query(sql`delete from schedule where trigger_id = ${triggerId}`);
  }
}
