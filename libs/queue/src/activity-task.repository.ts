import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { Task, TaskRef } from './task.js';
import { TASK } from './task.repository.js';
import { type TaskRow, toTask } from './task.row.js';

export interface ActivityClaim {
  readonly namespace: string;
  readonly activity: string;
  readonly workerName: string | undefined;
  /** One for each task that may be given out. */
  readonly tokenHashes: readonly string[];
}

/**
 * Tasks for workers outside. They have no lease: a worker that is gone is known by the heartbeat or the timeout of the
 * state, as on AWS, so a task that was given out is due never.
 */
@Injectable()
export class ActivityTaskRepository {
  constructor(private readonly database: Database) {}

  async claim({ namespace, activity, workerName, tokenHashes }: ActivityClaim): Promise<Task[]> {
    const rows = await this.database.query<TaskRow>(sql`
      with due as materialized (
        select id, priority, run_at from task
        where kind = 'activity' and status = 'QUEUED' and namespace = ${namespace} and resource = ${activity}
        order by priority desc, run_at
        limit ${tokenHashes.length}
        for update skip locked
      ), numbered as (
        select id, row_number() over (order by priority desc, run_at) as n from due
      )
      update task
      set status = 'RUNNING', attempt = attempt + 1, started_at = now(), run_at = 'infinity',
          worker_name = ${workerName ?? null}, token_hash = (${tokenHashes}::text[])[n]
      from numbered where task.id = numbered.id
      returning ${TASK}`);
    return rows.map(toTask);
  }

  /** Puts back what nobody received: the worker had hung up. */
  async release(refs: readonly TaskRef[]): Promise<void> {
    await this.database.query(sql`
      update task
      set status = 'QUEUED', run_at = now(), started_at = null, worker_name = null, token_hash = null
      from jsonb_to_recordset(${JSON.stringify(refs)}::jsonb) as given(id uuid, attempt integer)
      where task.id = given.id and task.attempt = given.attempt and task.status = 'RUNNING'`);
  }
}
