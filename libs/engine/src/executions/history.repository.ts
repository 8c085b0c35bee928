import { Database, joined, type Query, sql } from '@app/common';
import type { ValueRef } from '@app/queue';
import type { Json, JsonObject } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { PayloadsService } from '../payloads/payloads.service.js';
import {
  EVENTS_PER_ROW,
  fromHistoryRow,
  type HistoryRecord,
  type HistoryText,
  placesElsewhere,
} from './history-record.js';

export interface StoredHistoryEvent {
  readonly id: number;
  /** What it follows on its line of control, as AWS tells it. */
  readonly previous: number;
  readonly frameId: number;
  readonly type: string;
  readonly at: Date;
  readonly details: Json;
  /** Details that are too large to stand in the history, and are left out of `details`: where they are. */
  readonly refs?: Readonly<Record<string, ValueRef>>;
}

@Injectable()
export class HistoryRepository {
  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadsService,
  ) {}

  /** Whole, wherever it is. */
  async findDetail(executionId: string, eventId: number, name: string): Promise<Json | undefined> {
    const [event] = await this.list(executionId, eventId - 1, 1);
    if (event?.id !== eventId) return undefined;
    const ref = event.refs?.[name];
    return ref ? this.payloads.load(ref) : (event.details as JsonObject)[name];
  }

  async list(executionId: string, after: number, limit: number): Promise<StoredHistoryEvent[]> {
    const rows = await this.database.query<{ last_id: number; events: HistoryRecord }>(sql`
      select last_id, events from history
      where execution_id = ${executionId} and last_id > ${after} and last_id < ${after + limit + EVENTS_PER_ROW}
      order by last_id`);
    const records = rows.map(({ last_id: lastId, events }) => ({ lastId, record: events }));
    const elsewhere = await this.values(executionId, [...new Set(records.flatMap(placesElsewhere))]);
    return records
      .flatMap((row) => fromHistoryRow(row, elsewhere))
      .filter(({ id }) => id > after)
      .slice(0, limit);
  }

  async findLastId(executionId: string): Promise<number> {
    const [row] = await this.database.query<{ last_id: number }>(sql`
      select last_id from history where execution_id = ${executionId} order by last_id desc limit 1`);
    return row?.last_id ?? 0;
  }

  private async values(executionId: string, places: readonly number[]): Promise<Map<number, Json>> {
    if (places.length === 0) return new Map();
    const rows = await this.database.query<{ place: string; value: Json }>(sql`
      select place, stored_value(${executionId}::uuid, place) as value from unnest(${places}::bigint[]) as place`);
    return new Map(rows.map(({ place, value }) => [Number(place), value]));
  }
}

/** A part of the statement that writes turns. */
export function insertHistory(
  histories: readonly { executionId: string; rows: readonly HistoryText[] }[],
  condition: Query,
): Query {
  const records = histories.flatMap(({ executionId, rows }) =>
    rows.map(({ lastId, text }) => `{"execution_id":"${executionId}","last_id":${lastId},"events":${text}}`),
  );
  const insert = sql`
    insert into history (execution_id, last_id, events)
    select execution_id, last_id, events
    from json_to_recordset(${`[${records.join(',')}]`}::json) as t(execution_id uuid, last_id integer, events json)
    where `;
  return joined([insert, condition], '');
}
