import { Database, sql } from '@app/common';
import type { Reading } from '@app/event-bus';
import { Injectable } from '@nestjs/common';

/** Removes what is older than anybody wants to look at, some rows at a time: no lock lasts. */
@Injectable()
export class RetentionRepository {
  constructor(private readonly database: Database) {}

  /** Events and what they started, but none that still waits to start something. */
  async deleteEvents(namespace: string, days: number, limit: number): Promise<number> {
    const [row] = await this.database.query<{ deleted: number }>(sql`
      with old as (
        select namespace, source, id from event
        where namespace = ${namespace} and received_at < now() - make_interval(days => ${days})
          and not exists (select from delivery d where d.namespace = event.namespace
                          and d.source = event.source and d.event_id = event.id)
          and not exists (select from topic_message m where m.namespace = event.namespace
                          and m.source = event.source and m.event_id = event.id)
        order by received_at limit ${limit}
      ), starts as (
        delete from event_start s using old
        where s.namespace = old.namespace and s.source = old.source and s.event_id = old.id
      ), gone as (
        delete from event e using old
        where e.namespace = old.namespace and e.source = old.source and e.id = old.id
        returning 1
      )
      select count(*)::int as deleted from gone`);
    return row?.deleted ?? 0;
  }

  async deleteDeadLetters(namespace: string, days: number, limit: number): Promise<number> {
    const rows = await this.database.query(sql`
      delete from dead_letter where id in (
        select id from dead_letter where namespace = ${namespace} and created_at < now() - make_interval(days => ${days}) limit ${limit})
      returning id`);
    return rows.length;
  }

  /** They are looked at for a week. */
  async deleteOrigins(): Promise<void> {
    await this.database.query(sql`delete from object_origin where written_at < now() - interval '8 days'`);
  }

  async listForgotten(): Promise<Reading[]> {
    return this.database.query<{ topic: string; group: string }>(sql`
      select topic, "group" from forgotten_reading order by forgotten_at limit 100`);
  }

  async deleteForgotten({ topic, group }: Reading): Promise<void> {
    await this.database.query(sql`delete from forgotten_reading where topic = ${topic} and "group" = ${group}`);
  }
}
