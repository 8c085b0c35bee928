import { Database, joined, type Query, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** `execution` is the timeout of the whole execution; the others are the interpreter's. */
export type StoredTimerKind = 'wait' | 'retry' | 'timeout' | 'heartbeat' | 'yield' | 'children' | 'execution';

export interface TimerKey {
  readonly frameId: number;
  readonly step: number;
  readonly kind: StoredTimerKind;
}

export interface NewTimer extends TimerKey {
  readonly fireAt: Date;
}

export interface DueTimer extends TimerKey {
  readonly executionId: string;
}

@Injectable()
export class TimerRepository {
  constructor(private readonly database: Database) {}

  async insert(executionId: string, timers: readonly NewTimer[]): Promise<void> {
    const located = timers.map((timer) => ({ ...timer, executionId }));
    if (timers.length > 0) await this.database.query(insertTimers(located, sql`true`));
  }

  /**
   * Due timers, each moved into the future for the length of a lease: if the router that got one dies before it
   * has fired, it comes due again.
   */
  async claim(limit: number, leaseSeconds: number): Promise<DueTimer[]> {
    return this.database.query<{ executionId: string; frameId: number; step: number; kind: StoredTimerKind }>(sql`
      with due as (
        select execution_id, frame_id, step, kind from timer
        where fire_at <= now()
        order by fire_at
        limit ${limit}
        for update skip locked
      )
      update timer set fire_at = now() + make_interval(secs => ${leaseSeconds})
      from due
      where (timer.execution_id, timer.frame_id, timer.step, timer.kind) =
            (due.execution_id, due.frame_id, due.step, due.kind)
      returning timer.execution_id as "executionId", timer.frame_id as "frameId", timer.step, timer.kind`);
  }

  /** Milliseconds until the next timer; undefined if there is none. */
  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(fire_at) - now()) * 1000)::float8 as ms from timer`);
    return row?.ms ?? undefined;
  }

  async deleteFrames(executionId: string, frameIds: readonly number[]): Promise<void> {
    if (frameIds.length === 0) return;
    await this.database.query(sql`
      delete from timer where execution_id = ${executionId} and frame_id = any(${frameIds}::integer[])`);
  }

  /** If it is still there. */
  async move(executionId: string, { frameId, step, kind, fireAt }: NewTimer): Promise<void> {
    await this.database.query(sql`
      update timer set fire_at = ${fireAt}
      where execution_id = ${executionId} and frame_id = ${frameId} and step = ${step} and kind = ${kind}`);
  }

  /** Locks the timers that are still there. */
  async hold(timers: readonly DueTimer[]): Promise<DueTimer[]> {
    if (timers.length === 0) return [];
    return this.database.query<DueTimer & Record<string, unknown>>(holdTimers(timers, sql`true`));
  }
}

const KEYS = sql`"executionId" uuid, "frameId" integer, step integer, kind text, "fireAt" timestamptz`;
const from = (timers: readonly object[]): Query =>
  joined([sql`json_to_recordset(${JSON.stringify(timers)}::json) as t(`, KEYS, sql`)`], '');
const SAME = sql`
  timer.execution_id = t."executionId" and timer.frame_id = t."frameId" and timer.step = t.step and timer.kind = t.kind`;

/** Parts of the statement that writes turns. */
export function insertTimers(timers: readonly (NewTimer & { executionId: string })[], condition: Query): Query {
  const insert = sql`
    insert into timer (execution_id, frame_id, step, kind, fire_at)
    select "executionId", "frameId", step, kind, "fireAt" from `;
  return joined([insert, from(timers), sql`where`, condition, sql`on conflict do nothing`], ' ');
}

export function holdTimers(timers: readonly DueTimer[], condition: Query): Query {
  const select = sql`
    select timer.execution_id as "executionId", timer.frame_id as "frameId", timer.step, timer.kind
    from `;
  const order = sql`order by timer.execution_id, timer.frame_id, timer.step, timer.kind for update of timer`;
  return joined([select, from(timers), sql`join timer on`, SAME, sql`where`, condition, order], ' ');
}

export function deleteTimers(timers: readonly DueTimer[], condition: Query): Query {
  const remove = [sql`delete from timer using `, from(timers), sql`where`, SAME, sql`and`, condition];
  return joined([...remove, sql`returning timer.step`], ' ');
}

/** Those of frames that have moved on: of steps before the given one; without a frame, all of an execution. */
export function deletePassedTimers(
  passed: readonly { executionId: string; frameId?: number; beforeStep?: number }[],
): Query {
  return sql`
    delete from timer
    using json_to_recordset(${JSON.stringify(passed)}::json) as t(
      "executionId" uuid, "frameId" integer, "beforeStep" integer)
    where timer.execution_id = t."executionId"
      and (t."frameId" is null
           or timer.frame_id = t."frameId" and timer.step < t."beforeStep" and timer.kind <> 'execution')`;
}
