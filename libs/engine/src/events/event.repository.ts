import { Database, sql } from '@app/common';
import type { CloudEvent } from '@app/events';
import { Injectable } from '@nestjs/common';

export interface EventStart {
  readonly trigger: string;
  readonly targetKind: 'workflow' | 'function';
  readonly targetId: string;
}

export interface StoredEvent extends CloudEvent<unknown> {
  readonly receivedAt: Date;
  readonly started: readonly EventStart[];
}

export interface EventFilter {
  readonly source?: string | undefined;
  readonly type?: string | undefined;
  /** Only those behind this one. */
  readonly before?: { readonly at: Date; readonly source: string; readonly id: string } | undefined;
  readonly limit: number;
}

interface EventRow {
  source: string;
  id: string;
  type: string;
  subject: string | null;
  time: Date;
  data: unknown;
  /** By name; null when there are none. */
  extensions: Record<string, unknown> | null;
  received_at: Date;
  started: EventStart[] | null;
}

@Injectable()
export class EventRepository {
  constructor(private readonly database: Database) {}

  /** False if an event of this source and id was stored before. */
  async insert(namespace: string, event: CloudEvent<unknown>): Promise<boolean> {
    const { specversion: _version, source, id, type, subject, time, data, ...extensions } = event;
    const rows = await this.database.query(sql`
      insert into event (namespace, source, id, type, subject, time, data, extensions)
      values (${namespace}, ${source}, ${id}, ${type}, ${subject ?? null}, ${time}, ${JSON.stringify(data ?? null)}::jsonb,
              ${Object.keys(extensions).length === 0 ? null : JSON.stringify(extensions)}::jsonb)
      on conflict do nothing
      returning id`);
    return rows.length === 1;
  }

  async insertStart(
    namespace: string,
    event: CloudEvent<unknown>,
    start: { triggerId: string } & Omit<EventStart, 'trigger'>,
  ): Promise<void> {
    await this.database.query(sql`
      insert into event_start (namespace, source, event_id, trigger_id, target_kind, target_id)
      values (${namespace}, ${event.source}, ${event.id}, ${start.triggerId}, ${start.targetKind}, ${start.targetId})`);
  }

  /** What the trigger started for the event. */
  async findStart(
    triggerId: string,
    namespace: string,
    { source, id }: CloudEvent<unknown>,
  ): Promise<Omit<EventStart, 'trigger'> | undefined> {
    const [row] = await this.database.query<Omit<EventStart, 'trigger'> & Record<string, unknown>>(sql`
      select target_kind as "targetKind", target_id as "targetId" from event_start
      where namespace = ${namespace} and source = ${source} and event_id = ${id} and trigger_id = ${triggerId}`);
    return row;
  }

  async find(namespace: string, source: string, id: string): Promise<CloudEvent<unknown> | undefined> {
    const [row] = await this.database.query<EventRow & Record<string, unknown>>(sql`
      select event.*, null as started from event
      where namespace = ${namespace} and source = ${source} and id = ${id}`);
    if (!row) return undefined;
    const { receivedAt: _at, started: _started, ...event } = toEvent(row);
    return event;
  }

  /** Newest first. */
  async list(namespace: string, { before, source, type, limit }: EventFilter): Promise<StoredEvent[]> {
    const rows = await this.database.query<EventRow & Record<string, unknown>>(sql`
      select event.*, (
        select jsonb_agg(jsonb_build_object('trigger', coalesce(trigger.name, s.trigger_id::text),
                                            'targetKind', s.target_kind, 'targetId', s.target_id))
        from event_start s left join trigger on trigger.id = s.trigger_id
        where s.namespace = event.namespace and s.source = event.source and s.event_id = event.id
      ) as started
      from event
      where namespace = ${namespace}
        and (${source ?? null}::text is null or source = ${source ?? null})
        and (${type ?? null}::text is null or type = ${type ?? null})
        and (${before?.at ?? null}::timestamptz is null
             or (received_at, source, id) < (${before?.at ?? null}, ${before?.source ?? null}, ${before?.id ?? null}))
      order by received_at desc, source desc, id desc
      limit ${limit}`);
    return rows.map(toEvent);
  }
}

const toEvent = (row: EventRow): StoredEvent => ({
  ...row.extensions,
  specversion: '1.0',
  source: row.source,
  id: row.id,
  type: row.type,
  ...(row.subject === null ? {} : { subject: row.subject }),
  time: row.time.toISOString(),
  data: row.data,
  receivedAt: row.received_at,
  started: row.started ?? [],
});
