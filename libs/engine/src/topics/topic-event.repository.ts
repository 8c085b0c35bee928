import { Database, sql } from '@app/common';
import type { CloudEvent, TopicEventData } from '@app/events';
import { Injectable } from '@nestjs/common';
import type { EventRow } from '../events/event-row.js';
import { EventRepository, type EventStart } from '../events/event.repository.js';

export type TopicEvent = CloudEvent<TopicEventData>;

interface Named {
  readonly source: string;
  readonly id: string;
}

/**
 * Events of messages, many at a time: one statement each, in the order in which they were given. The limits in it have
 * each looked up by its key: a join that was planned while a table was small would read all of it for ever.
 */
@Injectable()
export class TopicEventRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /** Those that are there already stay as they are. */
  async insert(namespace: string, events: readonly CloudEvent<unknown>[]): Promise<void> {
    await this.events.insertAll(namespace, events);
  }

  async list(namespace: string, named: readonly Named[]): Promise<TopicEvent[]> {
    const rows = await this.database.query<EventRow & Record<string, unknown>>(sql`
      select e.* from json_to_recordset(${JSON.stringify(named)}::json) as t(source text, id text)
      cross join lateral (
        select source, id, type, subject, time, data, extensions, refs from event
        where event.namespace = ${namespace} and event.source = t.source and event.id = t.id limit 1) e`);
    return Promise.all(rows.map((row) => this.events.whole(namespace, row))) as Promise<TopicEvent[]>;
  }

  /** The ids of those that the trigger has started something for. */
  async listStarted(namespace: string, triggerId: string, named: readonly Named[]): Promise<Set<string>> {
    const rows = await this.database.query<{ id: string }>(sql`
      select t.id from json_to_recordset(${JSON.stringify(named)}::json) as t(source text, id text)
      cross join lateral (
        select from event_start s
        where s.namespace = ${namespace} and s.source = t.source and s.event_id = t.id and s.trigger_id = ${triggerId}
        limit 1) found`);
    return new Set(rows.map(({ id }) => id));
  }

  /** The latest of what an event has started stands in the place of what it started before. */
  async saveStarts(
    namespace: string,
    triggerId: string,
    starts: readonly (Named & Omit<EventStart, 'trigger'>)[],
  ): Promise<void> {
    await this.database.query(sql`
      insert into event_start (namespace, source, event_id, trigger_id, target_kind, target_id)
      select ${namespace}, source, id, ${triggerId}, "targetKind", "targetId"
      from json_to_recordset(${JSON.stringify(starts)}::json) as t(
        source text, id text, "targetKind" text, "targetId" uuid)
      on conflict (namespace, source, event_id, trigger_id) do update
      set target_kind = excluded.target_kind, target_id = excluded.target_id, started_at = now()`);
  }

  /** Whether any of the keys waits behind a message that is tried again. */
  async isAnyKeyHeld(triggerId: string, keys: readonly string[]): Promise<boolean> {
    if (keys.length === 0) return false;
    const rows = await this.database.query(sql`
      select from delivery where trigger_id = ${triggerId} and key = any(${keys}::text[]) limit 1`);
    return rows.length > 0;
  }

  /** Whether the event lies with the dead letters of the trigger: a delivery that comes twice buries it once. */
  async isBuried(triggerId: string, { source, id }: Named): Promise<boolean> {
    const rows = await this.database.query(sql`
      select from dead_letter
      where trigger_id = ${triggerId} and payload->'event'->>'id' = ${id} and payload->'event'->>'source' = ${source}
      limit 1`);
    return rows.length > 0;
  }
}
