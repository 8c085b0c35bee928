import { Database, sql } from '@app/common';
import type { Frame, Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';

/** WAITING: a Map iteration that MaxConcurrency holds back. */
export type StoredFrameStatus = Frame['status'] | 'WAITING';

export interface StoredFrame {
  readonly id: number;
  readonly parent: { readonly id: number; readonly step: number } | undefined;
  readonly index: number;
  status: StoredFrameStatus;
  state: Frame;
  hasTimer: boolean;
}

interface FrameRow {
  id: number;
  parent_id: number | null;
  parent_step: number | null;
  index: number;
  status: StoredFrameStatus;
  state: Frame;
  has_timer: boolean;
}

@Injectable()
export class FrameRepository {
  constructor(private readonly database: Database) {}

  async find(executionId: string, id: number): Promise<StoredFrame | undefined> {
    const [row] = await this.database.query<FrameRow>(sql`
      select * from frame where execution_id = ${executionId} and id = ${id}`);
    return row && toFrame(row);
  }

  async findChild(
    executionId: string,
    parent: { id: number; step: number },
    index: number,
  ): Promise<StoredFrame | undefined> {
    const [row] = await this.database.query<FrameRow>(sql`
      select * from frame
      where execution_id = ${executionId} and parent_id = ${parent.id} and parent_step = ${parent.step}
        and index = ${index}`);
    return row && toFrame(row);
  }

  /** What the children of a step gave, in their order. */
  async listOutputs(executionId: string, parent: { id: number; step: number }): Promise<Json[]> {
    const rows = await this.database.query<{ output: Json }>(sql`
      select output from frame
      where execution_id = ${executionId} and parent_id = ${parent.id} and parent_step = ${parent.step}
      order by index`);
    return rows.map(({ output }) => output);
  }

  async insert(executionId: string, frames: readonly StoredFrame[]): Promise<void> {
    if (frames.length === 0) return;
    await this.database.query(sql`
      insert into frame (execution_id, id, parent_id, parent_step, index, status, state, output, has_timer)
      select ${executionId}, id, parent_id, parent_step, index, status, state, output, has_timer
      from jsonb_to_recordset(${JSON.stringify(frames.map(toRecord))}::jsonb) as f(
        id integer, parent_id integer, parent_step integer, index integer, status text, state jsonb, output jsonb,
        has_timer boolean)`);
  }

  async save(executionId: string, frames: readonly StoredFrame[]): Promise<void> {
    if (frames.length === 0) return;
    await this.database.query(sql`
      update frame
      set status = f.status, state = f.state, output = f.output, has_timer = f.has_timer
      from jsonb_to_recordset(${JSON.stringify(frames.map(toRecord))}::jsonb) as f(
        id integer, status text, state jsonb, output jsonb, has_timer boolean)
      where frame.execution_id = ${executionId} and frame.id = f.id`);
  }

  /** Ends what has not ended of a step's children and below them; gives back the frames that were ended. */
  async abortBelow(executionId: string, parent: { id: number; step: number }): Promise<number[]> {
    const rows = await this.database.query<{ id: number }>(sql`
      with recursive below as (
        select id from frame
        where execution_id = ${executionId} and parent_id = ${parent.id} and parent_step = ${parent.step}
        union all
        select frame.id from frame join below on frame.parent_id = below.id where frame.execution_id = ${executionId}
      )
      update frame set status = 'ABORTED'
      from below
      where frame.execution_id = ${executionId} and frame.id = below.id and frame.status in ('RUNNING', 'WAITING')
      returning frame.id`);
    return rows.map((row) => row.id);
  }
}

function toFrame(row: FrameRow): StoredFrame {
  const { parent_id: parentId, parent_step: parentStep } = row;
  return {
    id: row.id,
    parent: parentId === null ? undefined : { id: parentId, step: parentStep ?? 0 },
    index: row.index,
    status: row.status,
    state: row.state,
    hasTimer: row.has_timer,
  };
}

/** The output stands in a column of its own, so that collecting 10,000 of them reads no states. */
function toRecord({ id, parent, index, status, state, hasTimer }: StoredFrame): Record<string, unknown> {
  const { output, ...rest } = state;
  return {
    id,
    parent_id: parent?.id,
    parent_step: parent?.step,
    index,
    status,
    state: rest,
    output,
    has_timer: hasTimer,
  };
}
