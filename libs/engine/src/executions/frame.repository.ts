import { Database, joined, type Query, sql } from '@app/common';
import type { Frame, Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { PayloadsService } from '../payloads/payloads.service.js';
import { notePlace, type Places } from './places.js';
import { type FrameRefs, joinFrame, splitFrame } from './stored-frame.js';

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

export interface FrameRow {
  execution_id: string;
  id: number;
  parent_id: number | null;
  parent_step: number | null;
  index: number;
  status: StoredFrameStatus;
  state: Frame;
  /** Null: it is in the state. */
  input_place: string | null;
  input: Json;
  refs: FrameRefs | null;
  has_timer: boolean;
}

export interface LocatedFrame {
  readonly executionId: string;
  readonly frame: StoredFrame;
}

/** As little of a frame as says where it is. */
export interface RunningFrame extends Pick<Frame, 'step' | 'machine' | 'stateName'> {
  readonly id: number;
  readonly parentId: number;
  readonly parentStep: number;
  readonly index: number;
  readonly waiting: Frame['waiting'] | null | undefined;
}

/** As `FrameRow` has them: what stands elsewhere below the execution is not repeated in the row. */
const FRAME = sql`
  frame.*,
  case when frame.input_place is not null then stored_value(frame.execution_id, frame.input_place) end as input`;

@Injectable()
export class FrameRepository {
  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadsService,
  ) {}

  async find(executionId: string, id: number): Promise<StoredFrame | undefined> {
    const [row] = await this.database.query<FrameRow>(sql`
      select ${FRAME} from frame where execution_id = ${executionId} and id = ${id}`);
    return row && this.toFrame(row);
  }

  async findChild(
    executionId: string,
    parent: { id: number; step: number },
    index: number,
  ): Promise<StoredFrame | undefined> {
    const [row] = await this.database.query<FrameRow>(sql`
      select ${FRAME} from frame
      where execution_id = ${executionId} and parent_id = ${parent.id} and parent_step = ${parent.step}
        and index = ${index}`);
    return row && this.toFrame(row);
  }

  /** What the children of a step gave, in their order; undefined if that is more than a value may be. */
  async listOutputs(executionId: string, parent: { id: number; step: number }): Promise<Json[] | undefined> {
    const rows = await this.database.query<{ output: Json; refs: FrameRefs | null }>(sql`
      select case when output_place is null then output else stored_value(execution_id, output_place) end as output, refs
      from frame
      where execution_id = ${executionId} and parent_id = ${parent.id} and parent_step = ${parent.step}
      order by index`);
    return this.outputs(rows);
  }

  /** Frames and all that are above them. */
  async listWithParents(wanted: readonly { executionId: string; id: number }[]): Promise<LocatedFrame[]> {
    if (wanted.length === 0) return [];
    const rows = await this.database.query<FrameRow>(sql`
      with recursive wanted as (
        select "executionId" as execution_id, id
        from json_to_recordset(${JSON.stringify(wanted)}::json) as w("executionId" uuid, id integer)
        union
        select frame.execution_id, frame.parent_id
        from wanted join frame on frame.execution_id = wanted.execution_id and frame.id = wanted.id
        where frame.parent_id is not null
      )
      select ${FRAME} from wanted join frame on frame.execution_id = wanted.execution_id and frame.id = wanted.id`);
    return Promise.all(rows.map(async (row) => ({ executionId: row.execution_id, frame: await this.toFrame(row) })));
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

  /** What has begun and has not ended of a step's children and below them. */
  async listRunning(executionId: string, parent: { id: number; step: number }): Promise<RunningFrame[]> {
    return this.database.query<RunningFrame>(sql`
      with recursive below as (
        select * from frame
        where execution_id = ${executionId} and parent_id = ${parent.id} and parent_step = ${parent.step}
          and status = 'RUNNING'
        union all
        select frame.* from frame
        join below on frame.parent_id = below.id and frame.parent_step = (below.state ->> 'step')::integer
        where frame.execution_id = ${executionId} and frame.status = 'RUNNING'
      )
      select id, (state ->> 'step')::integer as step, parent_id as "parentId", parent_step as "parentStep", index,
             state ->> 'machine' as machine, state ->> 'stateName' as "stateName", state ->> 'waiting' as waiting
      from below`);
  }

  private async outputs(rows: readonly { output: Json; refs: FrameRefs | null }[]): Promise<Json[] | undefined> {
    const bytes = rows.reduce((sum, { refs }) => sum + (refs?.output?.bytes ?? 0), 0);
    if (bytes > this.payloads.maxBytes) return undefined;
    const outputs = rows.map(({ output }) => output);
    for (const [index, { refs }] of rows.entries())
      if (refs?.output) outputs[index] = await this.payloads.load(refs.output);
    return outputs;
  }

  private async toFrame(row: FrameRow): Promise<StoredFrame> {
    const { parent_id: parentId, parent_step: parentStep } = row;
    const { output: _output, ...refs } = row.refs ?? {};
    return {
      id: row.id,
      parent: parentId === null ? undefined : { id: parentId, step: parentStep ?? 0 },
      index: row.index,
      status: row.status,
      state: row.refs ? joinFrame(placed(row), await this.payloads.loadAll(refs)) : placed(row),
      hasTimer: row.has_timer,
    };
  }
}

/** It is known where the input is, so that the next row to have it need not repeat it either. */
function placed({ execution_id: executionId, input_place: place, input, state }: FrameRow): Frame {
  if (place === null) return state;
  notePlace(executionId, input, Number(place));
  return { ...state, input };
}

/** A frame to be written; the root also carries what is counted for the whole execution. */
export interface FrameRecord {
  readonly executionId: string;
  readonly namespace: string;
  /** Undefined: nothing has happened to the root but what is counted. */
  readonly frame: StoredFrame | undefined;
  readonly places: Places;
  readonly counters?: { readonly revision: number; readonly nextFrameId: number; readonly nextHistoryId: number };
}

const COLUMNS = sql`
  execution_id uuid, id integer, parent_id integer, parent_step integer, index integer, status text, state json,
  output json, refs jsonb, input_place bigint, output_place bigint, has_timer boolean, revision integer, next_frame_id integer, next_history_id integer`;

/** Parts of the statement that writes turns. */
export function insertFrames(records: readonly FrameRecord[], condition: Query): Query {
  const insert = sql`
    insert into frame (execution_id, id, parent_id, parent_step, index, status, state, output, refs, input_place, output_place,
                       has_timer, revision, next_frame_id, next_history_id)
    select execution_id, id, parent_id, parent_step, index, status, state, output, refs, input_place, output_place, has_timer,
           revision, next_frame_id, next_history_id
    from json_to_recordset(${JSON.stringify(records.map(toRecord))}::json) as t(`;
  return joined([insert, COLUMNS, sql`) where `, condition], '');
}

/** Gives those that were there, a root only if its revision was the one before. */
export function moveFrames(records: readonly FrameRecord[]): Query {
  const update = sql`
    update frame
    set status = coalesce(t.status, frame.status), state = coalesce(t.state, frame.state),
        output = case when t.status is null then frame.output else t.output end,
        refs = case when t.status is null then frame.refs else t.refs end,
        input_place = case when t.status is null then frame.input_place else t.input_place end,
        output_place = case when t.status is null then frame.output_place else t.output_place end,
        has_timer = coalesce(t.has_timer, frame.has_timer), revision = t.revision, next_frame_id = t.next_frame_id,
        next_history_id = t.next_history_id
    from json_to_recordset(${JSON.stringify(records.map(toRecord))}::json) as t(`;
  const same = sql`)
    where frame.execution_id = t.execution_id and frame.id = t.id
      and (t.revision is null or frame.revision = t.revision - 1)
    returning frame.id`;
  return joined([update, COLUMNS, same], '');
}

/** The output stands in a column of its own, so that collecting 10,000 of them reads no states. */
function toRecord({ executionId, namespace, frame, places, counters }: FrameRecord): Record<string, unknown> {
  const { state: whole, refs } = frame ? splitFrame(frame.state, namespace) : {};
  const { input, output } = whole ?? {};
  const inputPlace = places.of(input);
  const outputPlace = places.of(output);
  return {
    execution_id: executionId,
    id: frame?.id ?? 0,
    parent_id: frame?.parent?.id,
    parent_step: frame?.parent?.step,
    index: frame?.index,
    status: frame?.status,
    // What is undefined is not in the JSON; to leave it out of the copy would take four times as long.
    state: frame && { ...whole, input: inputPlace === undefined ? input : undefined, output: undefined },
    output: outputPlace === undefined ? output : undefined,
    refs,
    input_place: inputPlace,
    output_place: outputPlace,
    has_timer: frame?.hasTimer,
    revision: counters?.revision,
    next_frame_id: counters?.nextFrameId,
    next_history_id: counters?.nextHistoryId,
  };
}
