import { Database, joined, type Query, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { Ending, Task, TaskRef } from './task.js';
import { type TaskRow, toTask } from './task.row.js';

export interface TaskFilter {
  readonly executionId?: string;
  readonly status?: string;
  readonly resource?: string;
  /** Only tasks before this one in the list, newest first. */
  readonly before?: { readonly createdAt: Date; readonly id: string };
  readonly limit: number;
}

/**
 * A task's columns as `TaskRow` has them. A value that stands elsewhere below the execution already is not repeated in
 * the row: `stored_value` gets it. (Of two columns of a name the later one counts.)
 */
export const TASK: Query = sql`
  task.*,
  case when task.payload_place is null then task.payload
       else stored_value(task.execution_id, task.payload_place) end as payload,
  case when task.output_place is null then task.output
       else stored_value(task.execution_id, task.output_place) end as output`;

/** One task: looking it up, ending it, cancelling it. Lock the execution's row, if there is one, before a task's. */
@Injectable()
export class TaskRepository {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<Task | undefined> {
    const [row] = await this.database.query<TaskRow>(sql`select ${TASK} from task where id = ${id}`);
    return row && toTask(row);
  }

  async list(namespace: string, { executionId, status, resource, before, limit }: TaskFilter): Promise<Task[]> {
    const rows = await this.database.query<TaskRow>(sql`
      select ${TASK} from task
      where namespace = ${namespace} and kind = 'function'
        and (${executionId ?? null}::uuid is null or execution_id = ${executionId ?? null}::uuid)
        and (${status ?? null}::text is null or status = ${status ?? null})
        and (${resource ?? null}::text is null or resource = ${resource ?? null})
        and (${before?.id ?? null}::uuid is null or (created_at, id) < (${before?.createdAt ?? null}::timestamptz, ${before?.id ?? null}::uuid))
      order by created_at desc, id desc
      limit ${limit}`);
    return rows.map(toTask);
  }

  /** Locks the task if this attempt still holds it; undefined means the lease was lost. The fence of every report. */
  async hold({ id, attempt }: TaskRef): Promise<Task | undefined> {
    const [row] = await this.database.query<TaskRow>(sql`
      select ${TASK} from task where id = ${id} and attempt = ${attempt} and status = 'RUNNING' for update`);
    return row && toTask(row);
  }

  /** As `hold`, for many; gives back the ids of those that are held. */
  async holdAll(refs: readonly TaskRef[]): Promise<string[]> {
    if (refs.length === 0) return [];
    const rows = await this.database.query<{ id: string }>(holdTasks(refs, sql`true`));
    return rows.map(({ id }) => id);
  }

  async listByIds(ids: readonly string[]): Promise<Task[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.query<TaskRow>(sql`select ${TASK} from task where id = any(${ids}::uuid[])`);
    return rows.map(toTask);
  }

  /** As `hold`, for a task whose outputs are being made visible. */
  async holdPublishing({ id, attempt }: TaskRef): Promise<Task | undefined> {
    const [row] = await this.database.query<TaskRow>(sql`
      select ${TASK} from task where id = ${id} and attempt = ${attempt} and status = 'PUBLISHING' for update`);
    return row && toTask(row);
  }

  async savePublishing(
    { id }: TaskRef,
    { output, outputRef, report }: Omit<Ending, 'status'>,
    leaseSeconds: number,
  ): Promise<void> {
    const ref = outputRef === undefined ? null : JSON.stringify({ output: outputRef });
    await this.database.query(sql`
      update task
      set status = 'PUBLISHING', output = ${outputRef ? null : json(output)}::json, report = ${json(report)}::jsonb,
          refs = case when ${ref}::jsonb is null then refs else coalesce(refs, '{}') || ${ref}::jsonb end,
          run_at = now() + make_interval(secs => ${leaseSeconds})
      where id = ${id}`);
  }

  /** As `hold` and `end` in one, for a task that nothing waits for. */
  async endHeld({ id, attempt }: TaskRef, ending: Ending): Promise<boolean> {
    const rows = await this.database.query(endTasks([{ id, attempt, ...ending }], sql`true`));
    return rows.length === 1;
  }

  async end(id: string, { status, output, outputRef, error, cause, report }: Ending): Promise<void> {
    const ref = outputRef === undefined ? null : JSON.stringify({ output: outputRef });
    await this.database.query(sql`
      update task
      set status = ${status}, output = coalesce(${outputRef ? null : json(output)}::json, output),
          error = ${error ?? null}, cause = ${cause ?? null}, report = coalesce(${json(report)}::jsonb, report),
          refs = case when ${ref}::jsonb is null then refs else coalesce(refs, '{}') || ${ref}::jsonb end,
          ended_at = now()
      where id = ${id}`);
  }

  /** What an executor says of an attempt that was taken from it: the record of the kill. */
  async saveReport({ id, attempt }: TaskRef, report: unknown): Promise<void> {
    await this.database.query(sql`
      update task set report = ${json(report)}::jsonb
      where id = ${id} and attempt = ${attempt} and status in ('CANCELLED', 'TIMED_OUT')`);
  }

  /** Ends what still waits or runs for these frames' steps; gives back who ran it. An executor kills on its next exchange. */
  async cancelSteps(
    executionId: string,
    steps: readonly { frameId: number; step: number }[],
    status: 'CANCELLED' | 'TIMED_OUT',
  ): Promise<Task[]> {
    if (steps.length === 0) return [];
    const rows = await this.database.query<TaskRow>(sql`
      with open as (
        select task.id from task
        join jsonb_to_recordset(${JSON.stringify(steps)}::jsonb) as given("frameId" integer, step integer)
          on task.frame_id = given."frameId" and task.step = given.step
        where task.execution_id = ${executionId} and task.status in ('QUEUED', 'RUNNING')
        order by task.id
        for update of task
      )
      update task set status = ${status}, ended_at = now() from open where task.id = open.id returning ${TASK}`);
    return rows.map(toTask);
  }

  /** As `cancelSteps`, whatever the step. */
  async cancelFrames(executionId: string, frameIds: readonly number[]): Promise<Task[]> {
    if (frameIds.length === 0) return [];
    const rows = await this.database.query<TaskRow>(sql`
      with open as (
        select id from task
        where execution_id = ${executionId} and frame_id = any(${frameIds}::integer[]) and status in ('QUEUED', 'RUNNING')
        order by id for update
      )
      update task set status = 'CANCELLED', ended_at = now() from open where task.id = open.id returning ${TASK}`);
    return rows.map(toTask);
  }

  /** As `cancelSteps`, for everything below an execution. */
  async cancelExecution(executionId: string): Promise<Task[]> {
    const rows = await this.database.query<TaskRow>(sql`
      with open as (
        select id from task where execution_id = ${executionId} and status in ('QUEUED', 'RUNNING') order by id for update
      )
      update task set status = 'CANCELLED', ended_at = now() from open where task.id = open.id returning ${TASK}`);
    return rows.map(toTask);
  }

  async cancel(id: string): Promise<Task | undefined> {
    const [row] = await this.database.query<TaskRow>(sql`
      update task set status = 'CANCELLED', ended_at = now()
      where id = ${id} and status in ('QUEUED', 'RUNNING') returning ${TASK}`);
    return row && toTask(row);
  }
}

function toRecord({ output, outputRef: ref, outputPlace, ...ending }: TaskRef & Ending) {
  if (ref) return { ...ending, ref };
  return { ...ending, ...(outputPlace === undefined ? { output } : { output_place: outputPlace }) };
}

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/**
 * In words from which Postgres does not conclude that the index of all running tasks would do: it would read all of them
 * for each that is asked for by its key.
 */
const IS_RUNNING = sql`case when task.status = 'RUNNING' then true end`;

/** As a query of its own, or a part of a greater one, which says on what condition. */
export function holdTasks(refs: readonly TaskRef[], condition: Query): Query {
  const select = sql`
    select task.id
    from json_to_recordset(${JSON.stringify(refs.map(({ id, attempt }) => ({ id, attempt })))}::json) as t(
      id uuid, attempt integer)
    join task on task.id = t.id and task.attempt = t.attempt
    where ${IS_RUNNING} and `;
  return joined([select, condition, sql` order by task.id for update of task`], '');
}

/** A part of a greater statement: gives those whose attempt still held them, and ends them. */
export function endTasks(endings: readonly (TaskRef & Ending)[], condition: Query): Query {
  const update = sql`
    update task
    set status = t.status, output = coalesce(t.output, task.output), output_place = t.output_place,
        error = t.error, cause = t.cause, report = coalesce(t.report, task.report), ended_at = now(),
        refs = case when t.ref is null then refs else coalesce(refs, '{}') || jsonb_build_object('output', t.ref) end
    from json_to_recordset(${JSON.stringify(endings.map(toRecord))}::json) as t(
      id uuid, attempt integer, status text, output json, output_place bigint, error text, cause text,
      report jsonb, ref jsonb)
    where task.id = t.id and task.attempt = t.attempt and ${IS_RUNNING} and `;
  return joined([update, condition, sql` returning task.id`], '');
}
