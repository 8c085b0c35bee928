import { Database, sql } from '@app/common';
import type { CloudEvent } from '@app/events';
import type { ValueRef } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { PayloadsService } from '../payloads/payloads.service.js';
import { type EventRefs, type EventRow, toEvent, toEventRecord } from './event-row.js';

export interface EventStart {
  readonly trigger: string;
  readonly targetKind: 'workflow' | 'function';
  readonly targetId: string;
}

export interface StoredEvent extends CloudEvent<unknown> {
  /** Of data that is too large for its row. Lists leave it out: null stands for it. */
  readonly dataRef: ValueRef | undefined;
  readonly receivedAt: Date;
  readonly started: readonly EventStart[];
}

/** What an event has started for a trigger. */
export interface NewStart extends Omit<EventStart, 'trigger'> {
  readonly event: CloudEvent<unknown>;
  readonly triggerId: string;
}

export interface EventFilter {
  readonly source?: string | undefined;
  readonly type?: string | undefined;
  /** Only those behind this one. */
  readonly before?: { readonly at: Date; readonly source: string; readonly id: string } | undefined;
  readonly limit: number;
}

interface ListedRow extends EventRow {
  readonly received_at: Date;
  readonly started: EventStart[] | null;
}

@Injectable()
export class EventRepository {
  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadsService,
  ) {}

  /** False if an event of this source and id was stored before. */
  async insert(namespace: string, event: CloudEvent<unknown>): Promise<boolean> {
    return (await this.insertAll(namespace, [event])) === 1;
  }

  /** How many were new. Those that are there already stay as they are. */
  async insertAll(namespace: string, events: readonly CloudEvent<unknown>[]): Promise<number> {
    await this.payloads.store(
      namespace,
      events.map(({ data }) => data as Json | undefined),
    );
    const records = events.map((event) => toEventRecord(namespace, event));
    if (records.every(({ refs }) => refs === undefined)) return (await this.insertRecords(namespace, records)).length;
    return this.database.transaction(async () => {
      const inserted = await this.insertRecords(namespace, records);
      for (const { holder, refs } of inserted)
        if (holder && refs?.data) await this.payloads.useRefs(holder, namespace, [refs.data]);
      return inserted.length;
    });
  }

  private async insertRecords(namespace: string, records: readonly object[]) {
    return this.database.query<{ holder: string | null; refs: EventRefs | null }>(sql`
      insert into event (namespace, source, id, type, subject, time, data, extensions, refs, holder)
      select ${namespace}, source, id, type, subject, time, coalesce(data, 'null'), extensions, refs, holder
      from json_to_recordset(${JSON.stringify(records)}::json) as t(
        source text, id text, type text, subject text, time timestamptz, data json, extensions json, refs jsonb,
        holder uuid)
      on conflict do nothing
      returning holder, refs`);
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

  async insertStarts(namespace: string, starts: readonly NewStart[]): Promise<void> {
    const rows = starts.map(({ event: { source, id }, ...start }) => ({ source, id, ...start }));
    await this.database.query(sql`
      insert into event_start (namespace, source, event_id, trigger_id, target_kind, target_id)
      select ${namespace}, source, id, "triggerId", "targetKind", "targetId"
      from json_to_recordset(${JSON.stringify(rows)}::json) as t(
        source text, id text, "triggerId" uuid, "targetKind" text, "targetId" uuid)`);
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

  /** With its data, however large. */
  async find(namespace: string, source: string, id: string): Promise<CloudEvent<unknown> | undefined> {
    const [row] = await this.database.query<EventRow & Record<string, unknown>>(sql`
      select source, id, type, subject, time, data, extensions, refs from event
      where namespace = ${namespace} and source = ${source} and id = ${id}`);
    return row && this.whole(namespace, row);
  }

  async whole(namespace: string, row: EventRow): Promise<CloudEvent<unknown>> {
    return toEvent({ ...row, ...(await this.payloads.loadAll(row.refs, namespace)) });
  }

  /** Newest first. */
  async list(namespace: string, { before, source, type, limit }: EventFilter): Promise<StoredEvent[]> {
    const rows = await this.database.query<ListedRow & Record<string, unknown>>(sql`
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
    return rows.map((row) => ({
      ...toEvent(row),
      dataRef: row.refs?.data,
      receivedAt: row.received_at,
      started: row.started ?? [],
    }));
  }
}
