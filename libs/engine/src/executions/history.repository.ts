import { Database, sql } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';

export interface StoredHistoryEvent {
  readonly id: number;
  readonly frameId: number;
  readonly type: string;
  readonly at: Date;
  readonly details: Json;
}

interface HistoryRow {
  id: number;
  frame_id: number;
  type: string;
  at: Date;
  details: Json;
}

@Injectable()
export class HistoryRepository {
  constructor(private readonly database: Database) {}

  async insert(executionId: string, events: readonly StoredHistoryEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.database.query(sql`
      insert into history_event (execution_id, id, frame_id, type, at, details)
      select ${executionId}, id, "frameId", type, at, details
      from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as e(
        id integer, "frameId" integer, type text, at timestamptz, details jsonb)`);
  }

  async list(executionId: string, after: number, limit: number): Promise<StoredHistoryEvent[]> {
    const rows = await this.database.query<HistoryRow>(sql`
      select id, frame_id, type, at, details from history_event
      where execution_id = ${executionId} and id > ${after}
      order by id
      limit ${limit}`);
    return rows.map(({ frame_id: frameId, ...row }) => ({ ...row, frameId }));
  }
}
