import { type Database, sql } from '@app/common';
import type { Message, NewMessage, NewSubscription, Place, Position, Reading, Start } from './event-bus.js';

interface MessageRow {
  readonly message_offset: string;
  readonly key: string | null;
  /** Null in a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
  readonly published_at: Date;
}

/** The tables of the Postgres event bus. A topic there has one partition, 0. */
export class EventBusRepository {
  constructor(private readonly database: Database) {}

  /** Takes the topic's lock until the end of the transaction; see the migration for what that promises. */
  async insertMessages(topic: string, messages: readonly NewMessage[]): Promise<Position[]> {
    const rows = await this.database.query<{ message_offset: string }>(sql`
      with allocated as (
        insert into bus_topic (topic, next_offset) values (${topic}, ${messages.length})
        on conflict (topic) do update set next_offset = bus_topic.next_offset + excluded.next_offset
        returning next_offset - ${messages.length} as first_offset
      )
      insert into bus_message (topic, message_offset, key, value, headers, published_at)
      select ${topic}, first_offset + index - 1, key, value, headers, clock_timestamp()
      from allocated, unnest(
        ${messages.map(({ key }) => key ?? null)}::text[],
        ${messages.map(({ value, isTombstone }) => (isTombstone ? null : value))}::bytea[],
        ${messages.map(({ headers }) => JSON.stringify(headers ?? {}))}::jsonb[]
      ) with ordinality as message (key, value, headers, index)
      order by index
      returning message_offset`);
    return rows.map(({ message_offset }) => ({ partition: 0, offset: message_offset }));
  }

  /** Fixes where a new group begins. A group that is known keeps its place. */
  async insertConsumer({ topic, group, from }: NewSubscription): Promise<void> {
    await this.database.query(sql`
      insert into bus_consumer (topic, "group", next_offset)
      values (${topic}, ${group}, ${await this.offsetOf(topic, from)})
      on conflict (topic, "group") do nothing`);
  }

  /** Waits for the batch in hand. */
  async saveConsumer({ topic, group }: Reading, nextOffset: string): Promise<void> {
    await this.database.query(sql`
      insert into bus_consumer (topic, "group", next_offset) values (${topic}, ${group}, ${nextOffset})
      on conflict (topic, "group") do update
      set next_offset = excluded.next_offset, failures = 0, retry_at = now()`);
  }

  async offsetOf(topic: string, at: Start): Promise<string> {
    if (at === 'earliest') return '0';
    const since = at === 'latest' ? null : at;
    const [row] = await this.database.query<{ offset: string }>(sql`
      select coalesce(
        (select min(message_offset) from bus_message
         where ${since}::timestamptz is not null and topic = ${topic} and published_at >= ${since}::timestamptz),
        (select next_offset from bus_topic where topic = ${topic}),
        0) as offset`);
    return row?.offset ?? '0';
  }

  async listPlaces({ topic, group }: Reading): Promise<Place[]> {
    const rows = await this.database.query<{ next_offset: string | null; end: string }>(sql`
      select case when consumer.next_offset is not null then greatest(consumer.next_offset, (
               select min(message_offset) from bus_message where bus_message.topic = ${topic})) end as next_offset,
             bus_topic.next_offset as end
      from bus_topic left join bus_consumer consumer on consumer.topic = bus_topic.topic and consumer."group" = ${group}
      where bus_topic.topic = ${topic}`);
    return rows.map(({ next_offset, end }) => ({ partition: 0, offset: next_offset ?? undefined, end }));
  }

  async deleteConsumer({ topic, group }: Reading): Promise<void> {
    await this.database.query(sql`delete from bus_consumer where topic = ${topic} and "group" = ${group}`);
  }

  /** The group's place, locked; undefined while another member holds it, or until a retry is due. */
  async lockConsumer({ topic, group }: Reading): Promise<string | undefined> {
    const [row] = await this.database.query<{ next_offset: string }>(sql`
      select next_offset from bus_consumer
      where topic = ${topic} and "group" = ${group} and retry_at <= now()
      for update skip locked`);
    return row?.next_offset;
  }

  async listMessages(topic: string, fromOffset: string, limit: number): Promise<Message[]> {
    const rows = await this.database.query<MessageRow>(sql`
      select message_offset, key, value, headers, published_at from bus_message
      where topic = ${topic} and message_offset >= ${fromOffset}
      order by message_offset
      limit ${limit}`);
    return rows.map((row) => ({
      topic,
      partition: 0,
      offset: row.message_offset,
      ...(row.key !== null && { key: row.key }),
      value: row.value ?? Buffer.alloc(0),
      ...(row.value === null && { isTombstone: true }),
      headers: row.headers,
      publishedAt: row.published_at,
    }));
  }

  async listTopics(): Promise<string[]> {
    const rows = await this.database.query<{ topic: string }>(sql`select topic from bus_topic order by topic`);
    return rows.map(({ topic }) => topic);
  }

  /** Up to here the current transaction can be taken back without giving up its locks. */
  async setSavepoint(): Promise<void> {
    await this.database.query(sql`savepoint handling`);
  }

  async rollBackToSavepoint(): Promise<void> {
    await this.database.query(sql`rollback to savepoint handling`);
  }

  async moveConsumer({ topic, group }: Reading, handledOffset: string): Promise<void> {
    await this.database.query(sql`
      update bus_consumer
      set next_offset = ${handledOffset}::bigint + 1, failures = 0, retry_at = now()
      where topic = ${topic} and "group" = ${group}`);
  }

  /** Notes one more rejection of the batch at the group's place; resolves to how many there were. */
  async countFailure({ topic, group }: Reading): Promise<number> {
    const [row] = await this.database.query<{ failures: number }>(sql`
      update bus_consumer set failures = failures + 1
      where topic = ${topic} and "group" = ${group}
      returning failures`);
    return row?.failures ?? 1;
  }

  async delayConsumer({ topic, group }: Reading, delayMs: number): Promise<void> {
    await this.database.query(sql`
      update bus_consumer set retry_at = now() + make_interval(secs => ${delayMs / 1_000})
      where topic = ${topic} and "group" = ${group}`);
  }

  /** Removes what is older than `before` and has been read by every group; resolves to how many that were. */
  async deleteMessages(topic: string, before: Date): Promise<number> {
    const [row] = await this.database.query<{ deleted: number }>(sql`
      with unread as (
        select min(next_offset) as first_offset from bus_consumer where topic = ${topic}
      ), young as (
        -- Messages are published in the order of their offsets, so this reads only what will be deleted.
        select message_offset as first_offset from bus_message
        where topic = ${topic} and published_at >= ${before}
        order by message_offset
        limit 1
      ), gone as (
        delete from bus_message
        where topic = ${topic}
          and message_offset < coalesce((select first_offset from unread), 9223372036854775807)
          and message_offset < coalesce((select first_offset from young), 9223372036854775807)
        returning 1
      )
      select count(*)::integer as deleted from gone`);
    return row?.deleted ?? 0;
  }
}
