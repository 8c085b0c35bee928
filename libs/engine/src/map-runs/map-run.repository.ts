import { Database, sql } from '@app/common';
import type { Failure, Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { type Refs, split } from '../payloads/payload-marks.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import { BEGINNING, type MapRun, type MapRunCounts, type MapRunStatus, type Position } from './map-run.js';

interface MapRunRow {
  id: string;
  namespace: string;
  execution_id: string;
  frame_id: number;
  step: number;
  state_name: string;
  status: MapRunStatus;
  spec: MapRun['spec'];
  position: Position;
  counts: MapRunCounts;
  redrive_count: number;
  redriven_at: Date | null;
  error: string | null;
  cause: string | null;
  attempt: number;
  started_at: Date;
  ended_at: Date | null;
}

export type NewMapRun = Pick<MapRun, 'id' | 'namespace' | 'executionId' | 'frameId' | 'step' | 'stateName' | 'spec'> & {
  readonly items: MapRunItems | undefined;
};

/** What came with the state's input. */
export type MapRunItems = { readonly values: Json[]; readonly keys?: string[] };

export type StepOfFrame = Pick<MapRun, 'executionId' | 'frameId' | 'step'>;

/** The rows of map runs. The items are in a column that only who reads them asks for. */
@Injectable()
export class MapRunRepository {
  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadsService,
  ) {}

  async insert(run: NewMapRun): Promise<void> {
    const { values, refs } = split(run.namespace, { items: run.items as Json | undefined });
    await this.database.query(sql`
      insert into map_run (id, namespace, execution_id, frame_id, step, state_name, spec, position, items, refs)
      values (${run.id}, ${run.namespace}, ${run.executionId}, ${run.frameId}, ${run.step}, ${run.stateName},
              ${JSON.stringify(run.spec)}, ${JSON.stringify(BEGINNING)},
              ${values.items === undefined ? null : JSON.stringify(values.items)},
              ${refs ? JSON.stringify(refs) : null})
      on conflict (execution_id, frame_id, step) do nothing`);
  }

  async find(id: string): Promise<MapRun | undefined> {
    const [row] = await this.database.query<MapRunRow>(sql`
      select id, namespace, execution_id, frame_id, step, state_name, status, spec, position, counts, redrive_count,
             redriven_at, error, cause, attempt, started_at, ended_at
      from map_run where id = ${id}`);
    return row && toMapRun(row);
  }

  async listOfExecution(executionId: string): Promise<MapRun[]> {
    const rows = await this.database.query<MapRunRow>(sql`
      select id, namespace, execution_id, frame_id, step, state_name, status, spec, position, counts, redrive_count,
             redriven_at, error, cause, attempt, started_at, ended_at
      from map_run where execution_id = ${executionId} order by started_at desc, id`);
    return rows.map(toMapRun);
  }

  async readItems(id: string): Promise<NewMapRun['items']> {
    const [row] = await this.database.query<{ items: MapRunItems | null; refs: Refs<'items'> | null }>(sql`
      select items, refs from map_run where id = ${id}`);
    const { items = row?.items ?? undefined } = await this.payloads.loadAll(row?.refs);
    return items as MapRunItems | undefined;
  }

  /** Nobody else gets one that was claimed before the lease ends. A child that has ended makes its map run due. */
  async claim(limit: number, leaseSeconds: number): Promise<MapRun[]> {
    const rows = await this.database.query<MapRunRow>(sql`
      with due as (
        select id from map_run
        where ended_at is null and leased_until <= now()
          and (run_at <= now() or exists (select from map_run_ending where map_run_id = map_run.id))
        order by run_at
        limit ${limit}
        for no key update skip locked
      )
      update map_run
      set attempt = attempt + 1, leased_until = now() + make_interval(secs => ${leaseSeconds})
      from due where map_run.id = due.id
      returning map_run.id, namespace, execution_id, frame_id, step, state_name, status, spec, position, counts,
                redrive_count, redriven_at, error, cause, attempt, started_at, ended_at`);
    return rows.map(toMapRun);
  }

  /** Gives a claim back; it is due again after `restSeconds`. */
  async release({ id, attempt }: MapRun, restSeconds: number): Promise<void> {
    await this.database.query(sql`
      update map_run set leased_until = now(), run_at = now() + make_interval(secs => ${restSeconds})
      where id = ${id} and attempt = ${attempt}`);
  }

  /** Until the transaction ends. */
  async lock(id: string): Promise<void> {
    await this.database.query(sql`select from map_run where id = ${id} for update`);
  }

  /** Whoever works on it has the one before until its next turn. */
  async saveSpec(id: string, spec: MapRun['spec']): Promise<void> {
    await this.database.query(sql`
      update map_run set spec = ${JSON.stringify(spec)}, run_at = now() where id = ${id}`);
  }

  async savePosition({ id, attempt }: MapRun, position: Position): Promise<void> {
    await this.database.query(sql`
      update map_run set position = ${JSON.stringify(position)} where id = ${id} and attempt = ${attempt}`);
  }

  /** False if it was not running any more. What is left to do is done under the same claim. */
  async end({ id, attempt }: MapRun, status: MapRunStatus, failure?: Failure): Promise<boolean> {
    const rows = await this.database.query(sql`
      update map_run set status = ${status}, error = ${failure?.error ?? null}, cause = ${failure?.cause ?? null}
      where id = ${id} and attempt = ${attempt} and status = 'RUNNING'
      returning id`);
    return rows.length === 1;
  }

  /** Nothing of it is left to do; the items are not needed any more unless it is redriven. */
  async finish({ id, attempt }: MapRun): Promise<void> {
    await this.database.query(sql`
      update map_run set ended_at = now() where id = ${id} and attempt = ${attempt} and status <> 'RUNNING'`);
  }

  /** Its children are aborted by who claims it next. */
  async abort({ executionId, frameId, step }: StepOfFrame): Promise<void> {
    await this.database.query(sql`
      update map_run set status = 'ABORTED', run_at = now()
      where execution_id = ${executionId} and frame_id = ${frameId} and step = ${step} and status = 'RUNNING'`);
  }

  async findOfStep({ executionId, frameId, step }: StepOfFrame): Promise<{ id: string; redrives: number } | undefined> {
    const [row] = await this.database.query<{ id: string; redrives: number }>(sql`
      select id, redrive_count as redrives from map_run
      where execution_id = ${executionId} and frame_id = ${frameId} and step = ${step}`);
    return row;
  }

  /** Runs again: what has not succeeded of it counts as not ended, also where that was not counted yet. */
  async redrive({ executionId, frameId, step }: StepOfFrame): Promise<void> {
    await this.database.query(sql`
      with uncounted as (
        delete from map_run_ending using map_run
        where map_run_id = map_run.id and map_run_ending.status <> 'SUCCEEDED'
          and map_run.execution_id = ${executionId} and frame_id = ${frameId} and step = ${step}
      )
      update map_run
      set status = 'RUNNING', counts = counts - '{FAILED,TIMED_OUT,ABORTED}'::text[], error = null, cause = null,
          redrive_count = redrive_count + 1, redriven_at = clock_timestamp(), run_at = now(), ended_at = null
      where execution_id = ${executionId} and frame_id = ${frameId} and step = ${step}`);
  }

  /** Milliseconds until the next one is due; undefined if there is none. */
  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(greatest(run_at, leased_until)) - now()) * 1000)::float8 as ms
      from map_run where ended_at is null`);
    return row?.ms ?? undefined;
  }
}

const toMapRun = (row: MapRunRow): MapRun => ({
  id: row.id,
  namespace: row.namespace,
  executionId: row.execution_id,
  frameId: row.frame_id,
  step: row.step,
  stateName: row.state_name,
  status: row.status,
  spec: row.spec,
  position: row.position,
  counts: row.counts,
  redriveCount: row.redrive_count,
  redrivenAt: row.redriven_at ?? undefined,
  failure: row.error === null ? undefined : { error: row.error, cause: row.cause ?? '' },
  attempt: row.attempt,
  startedAt: row.started_at,
  endedAt: row.ended_at ?? undefined,
});
