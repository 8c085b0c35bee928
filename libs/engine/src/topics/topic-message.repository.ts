import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export interface NewTopicMessage {
  readonly source: string;
  readonly eventId: string;
  /** What must not overtake one another has the same. */
  readonly lane: string | undefined;
  readonly bytes: number;
}

export interface WaitingMessage {
  readonly id: string;
  readonly bytes: number;
  readonly attempts: number;
  readonly createdAt: Date;
  /** How long it has waited, by the database's clock. */
  readonly ageMs: number;
  readonly part: string | null;
}

export interface TakenMessage extends Omit<WaitingMessage, 'ageMs' | 'part'> {
  readonly source: string;
  readonly eventId: string;
}

interface Retry {
  readonly delayMs: number;
  readonly error: string;
  readonly cause: string;
}

/** Messages that triggers have taken and are not done with. */
@Injectable()
export class TopicMessageRepository {
  constructor(private readonly database: Database) {}

  async insert(triggerId: string, namespace: string, messages: readonly NewTopicMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await this.database.query(sql`
      insert into topic_message (trigger_id, namespace, source, event_id, lane, bytes)
      select ${triggerId}, ${namespace}, source, "eventId", lane, bytes
      from json_to_recordset(${JSON.stringify(messages)}::json) as t(source text, "eventId" text, lane text, bytes integer)
      on conflict (trigger_id, source, event_id) do nothing`);
  }

  /** Whether at least so many are here. */
  async hasAtLeast(triggerId: string, count: number): Promise<boolean> {
    const [row] = await this.database.query<{ count: number }>(sql`
      select count(*)::integer as count
      from (select from topic_message where trigger_id = ${triggerId} limit ${count}) first`);
    return (row?.count ?? 0) >= count;
  }

  async count(triggerId: string): Promise<{ waiting: number; running: number }> {
    const [row] = await this.database.query<{ waiting: number; running: number }>(sql`
      select (count(*) filter (where batch_id is null))::integer as waiting,
             (count(*) filter (where batch_id is not null))::integer as running
      from topic_message where trigger_id = ${triggerId}`);
    return row ?? { waiting: 0, running: 0 };
  }

  async countWaiting(): Promise<{ triggerId: string; count: number }[]> {
    return this.database.query(sql`
      select trigger_id as "triggerId", count(*)::integer as count from topic_message
      where batch_id is null group by 1`);
  }

  /** Triggers that are on and have something due. */
  async listDueTriggers(): Promise<{ namespace: string; name: string }[]> {
    return this.database.query(sql`
      select namespace, name from trigger
      where kind = 'topic' and enabled and exists (
        select from topic_message m where m.trigger_id = trigger.id and batch_id is null and due_at <= now())`);
  }

  /** One router at a time makes batches of a trigger; false while another does. */
  async lockTrigger(triggerId: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      select from trigger where id = ${triggerId} and enabled for no key update skip locked`);
    return rows.length === 1;
  }

  /** Those that are due and whose turn it is, of no part, in their order. */
  async listNext(triggerId: string, limit: number): Promise<WaitingMessage[]> {
    return this.database.query<WaitingMessage & Record<string, unknown>>(sql`
      select id, bytes, attempts, created_at as "createdAt", part,
             (extract(epoch from now() - created_at) * 1000)::float8 as "ageMs"
      from topic_message m
      where trigger_id = ${triggerId} and batch_id is null and part is null and due_at <= now()
        and (lane is null or not exists (
          select from topic_message before
          where before.trigger_id = m.trigger_id and before.lane = m.lane and before.id < m.id
            and (before.batch_id is not null or before.part is not null or before.due_at > now())))
      order by id limit ${limit}`);
  }

  /** The first part of a batch that was divided, if it is due and nothing before it holds it up. */
  async listNextPart(triggerId: string): Promise<WaitingMessage[]> {
    return this.database.query<WaitingMessage & Record<string, unknown>>(sql`
      with next as (
        select part from topic_message m
        where trigger_id = ${triggerId} and batch_id is null and part is not null
        group by part
        having max(due_at) <= now() and not bool_or(lane is not null and exists (
          select from topic_message before
          where before.trigger_id = m.trigger_id and before.lane = m.lane and before.id < m.id
            and before.part is distinct from m.part))
        order by min(id) limit 1
      )
      select id, bytes, attempts, created_at as "createdAt", part, 0::float8 as "ageMs"
      from topic_message where trigger_id = ${triggerId} and part = (select part from next)
      order by id`);
  }

  async take(ids: readonly string[], batchId: string): Promise<void> {
    await this.database.query(sql`
      update topic_message set batch_id = ${batchId} where id = any(${ids}::bigint[])`);
  }

  async listOfBatch(batchId: string): Promise<TakenMessage[]> {
    return this.database.query<TakenMessage & Record<string, unknown>>(sql`
      select id, bytes, attempts, created_at as "createdAt", source, event_id as "eventId"
      from topic_message where batch_id = ${batchId} order by id`);
  }

  /** They come again together, as a part; that they failed with others is no attempt of theirs. */
  async saveAsPart(ids: readonly string[], part: string): Promise<void> {
    await this.database.query(sql`
      update topic_message set batch_id = null, part = ${part}, due_at = now() where id = any(${ids}::bigint[])`);
  }

  async delay(ids: readonly string[], { delayMs, error, cause }: Retry): Promise<void> {
    await this.database.query(sql`
      update topic_message
      set batch_id = null, part = null, attempts = attempts + 1, error = ${error}, cause = ${cause},
          due_at = clock_timestamp() + ${delayMs} * interval '1 millisecond'
      where id = any(${ids}::bigint[])`);
  }

  async delete(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.query(sql`delete from topic_message where id = any(${ids}::bigint[])`);
  }

  async deleteWaiting(triggerId: string): Promise<void> {
    await this.database.query(sql`delete from topic_message where trigger_id = ${triggerId} and batch_id is null`);
    await this.database.query(sql`delete from delivery where trigger_id = ${triggerId}`);
  }

  /** Milliseconds until one is due, or its batch need not fill any longer; undefined if there is none to wait for. */
  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(at) - now()) * 1000)::float8 as ms
      from topic_message m join trigger t on t.id = m.trigger_id,
           greatest(due_at, m.created_at + make_interval(
             secs => coalesce((t.source->'batch'->>'windowSeconds')::float8, 0))) as at
      where batch_id is null and t.enabled and at > now()`);
    return row?.ms ?? undefined;
  }
}
