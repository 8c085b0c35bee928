import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** `execution` is the timeout of the whole execution; the others are the interpreter's. */
export type StoredTimerKind = 'wait' | 'retry' | 'timeout' | 'heartbeat' | 'yield' | 'execution';

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
    if (timers.length === 0) return;
    await this.database.query(sql`
      insert into timer (execution_id, frame_id, step, kind, fire_at)
      select ${executionId}, "frameId", step, kind, "fireAt"
      from jsonb_to_recordset(${JSON.stringify(timers)}::jsonb) as t(
        "frameId" integer, step integer, kind text, "fireAt" timestamptz)
      on conflict do nothing`);
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

  /** Forgets the timers of frames that have moved on: those of steps before the given one. */
  async deletePassed(executionId: string, frames: readonly { frameId: number; beforeStep: number }[]): Promise<void> {
    if (frames.length === 0) return;
    await this.database.query(sql`
      delete from timer
      using jsonb_to_recordset(${JSON.stringify(frames)}::jsonb) as f("frameId" integer, "beforeStep" integer)
      where timer.execution_id = ${executionId} and timer.frame_id = f."frameId" and timer.step < f."beforeStep"
        and timer.kind <> 'execution'`);
  }

  async deleteFrames(executionId: string, frameIds: readonly number[]): Promise<void> {
    if (frameIds.length === 0) return;
    await this.database.query(sql`
      delete from timer where execution_id = ${executionId} and frame_id = any(${frameIds}::integer[])`);
  }

  async deleteOne(executionId: string, { frameId, step, kind }: TimerKey): Promise<boolean> {
    const rows = await this.database.query(sql`
      delete from timer
      where execution_id = ${executionId} and frame_id = ${frameId} and step = ${step} and kind = ${kind}
      returning step`);
    return rows.length === 1;
  }

  async deleteAll(executionId: string): Promise<void> {
    await this.database.query(sql`delete from timer where execution_id = ${executionId}`);
  }
}
