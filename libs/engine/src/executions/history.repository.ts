import { Database, joined, type Query, sql } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { EVENTS_PER_ROW, fromHistoryRow, type HistoryRecord, toHistoryRows } from './history-record.js';

export interface StoredHistoryEvent {
  readonly id: number;
  readonly frameId: number;
  readonly type: string;
  readonly at: Date;
  readonly details: Json;
}

@Injectable()
export class HistoryRepository {
  constructor(private readonly database: Database) {}

  async list(executionId: string, after: number, limit: number): Promise<StoredHistoryEvent[]> {
    const rows = await this.database.query<{ last_id: number; events: HistoryRecord }>(sql`
      select last_id, events from history
      where execution_id = ${executionId} and last_id > ${after} and last_id < ${after + limit + EVENTS_PER_ROW}
      order by last_id`);
    return rows
      .flatMap(({ last_id: lastId, events }) => fromHistoryRow({ lastId, record: events }))
      .filter(({ id }) => id > after)
      .slice(0, limit);
  }
}

/** A part of the statement that writes turns. */
export function insertHistory(
  histories: readonly { executionId: string; events: readonly StoredHistoryEvent[] }[],
  condition: Query,
): Query {
  const records = histories.flatMap(({ executionId, events }) =>
    toHistoryRows(events).map(({ lastId, record }) => ({ execution_id: executionId, last_id: lastId, events: record })),
  );
  const insert = sql`
    insert into history (execution_id, last_id, events)
    select execution_id, last_id, events
    from json_to_recordset(${JSON.stringify(records)}::json) as t(execution_id uuid, last_id integer, events json)
    where `;
  return joined([insert, condition], '');
}
