import { Database, joined, type Query, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import { claimForRouters, claimLanes, type LanesRow, type Place } from './claim.repository.js';
import { claimOneLane, type OneLaneRow } from './claim-one-lane.repository.js';
import type { Claim, NewTask, Task, TaskRef } from './task.js';
import { TASK } from './task.repository.js';
import { type TaskRow, toTask } from './task.row.js';

interface Claimed {
  readonly tasks: Task[];
  readonly isAll: boolean;
}

/** A claim that found nothing answers with one row that has no task in it. */
const isTask = ({ id }: TaskRow): boolean => id !== null;

/** Leased work in Postgres: putting tasks in, claiming them, keeping and losing the lease. */
@Injectable()
export class TaskQueueRepository {
  /** Where the next claim begins to look, if there are more lanes than one claim looks at. */
  private place: Place = { namespace: '', lane: '0' };

  /** Which of two statements to try first: it was so when the last one looked. */
  private hasOneLane = true;

  constructor(private readonly database: Database) {}

  async insert(tasks: readonly NewTask[]): Promise<void> {
    if (tasks.length > 0) await this.database.query(insertTasks(tasks, sql`true`));
  }

  /**
   * Leases due tasks that fit together into what is free. A lease is only a `run_at` in the future, so the tasks
   * of an executor that died come due again by themselves; their new attempt fences the old one off.
   */
  async claim(claim: Claim): Promise<Task[]> {
    if (claim.kind === 'function') return (await this.claimUpTo(claim)).tasks;
    const rows = await this.database.query<TaskRow>(claimForRouters(claim));
    return rows.map(toTask);
  }

  /** As `claim`, for executors; `isAll` says that nothing was left which would fit what is free. */
  async claimUpTo(claim: Claim): Promise<Claimed> {
    if (this.hasOneLane && !claim.only && claim.onlyTask === undefined) {
      const rows = await this.database.query<OneLaneRow>(claimOneLane(claim));
      const [{ is_alone: isAlone, room }] = rows as [OneLaneRow];
      this.hasOneLane = isAlone;
      const tasks = rows.filter(isTask).map(toTask);
      if (isAlone) return { tasks, isAll: tasks.length < room };
    }
    return this.claimLanes(claim);
  }

  private async claimLanes(claim: Claim): Promise<Claimed> {
    const rows = await this.database.query<LanesRow>(claimLanes(claim, this.place));
    const [{ is_all: isAll, has_one: hasOne, ...next }] = rows as [LanesRow];
    if (!claim.only && claim.onlyTask === undefined) {
      this.place = { namespace: next.next_namespace, lane: next.next_lane };
      this.hasOneLane = hasOne;
    }
    return { tasks: rows.filter(isTask).map(toTask), isAll };
  }

  /** Renews leases and stores progress; gives back the attempts that are still held. The others are lost or cancelled. */
  async extend(
    executorId: string,
    held: readonly (TaskRef & { progress?: unknown })[],
    leaseSeconds: number,
  ): Promise<TaskRef[]> {
    if (held.length === 0) return [];
    return this.database.query<{ id: string; attempt: number }>(sql`
      with held as (
        select task.id, given.progress
        from jsonb_to_recordset(${JSON.stringify(held)}::jsonb) as given(id uuid, attempt integer, progress jsonb)
        join task on task.id = given.id and task.attempt = given.attempt
        where task.status = 'RUNNING' and task.executor_id = ${executorId}
        order by task.id
        for update of task
      )
      update task
      set run_at = now() + make_interval(secs => ${leaseSeconds}), progress = coalesce(held.progress, task.progress),
          heartbeat_at = case when held.progress is distinct from task.progress then now() else task.heartbeat_at end
      from held where task.id = held.id
      returning task.id, task.attempt`);
  }

  /**
   * Attempts that their executor has not begun, or not finished, and leaves to others. They are due at once, and none
   * of the attempts that a task has is used up. Gives back how many that were.
   */
  async handBack(executorId: string, refs: readonly TaskRef[]): Promise<number> {
    if (refs.length === 0) return 0;
    const rows = await this.database.query(sql`
      with held as (
        select task.id
        from jsonb_to_recordset(${JSON.stringify(refs)}::jsonb) as given(id uuid, attempt integer)
        join task on task.id = given.id and task.attempt = given.attempt
        where task.status = 'RUNNING' and task.executor_id = ${executorId}
        order by task.id
        for update of task
      )
      update task
      set status = 'QUEUED', run_at = now(), executor_id = null, started_at = null, progress = null,
          max_attempts = max_attempts + 1
      from held where task.id = held.id
      returning task.id`);
    return rows.length;
  }

  /** Attempts that have reported: they hold nothing any more, and there is nothing to kill. */
  async listReported(refs: readonly TaskRef[]): Promise<string[]> {
    if (refs.length === 0) return [];
    const rows = await this.database.query<{ id: string }>(sql`
      select task.id
      from jsonb_to_recordset(${JSON.stringify(refs)}::jsonb) as given(id uuid, attempt integer)
      join task on task.id = given.id and task.attempt = given.attempt
      where task.status in ('PUBLISHING', 'SUCCEEDED', 'FAILED')`);
    return rows.map(({ id }) => id);
  }

  /** Attempts an executor holds by our books, but has not mentioned for a while: the answer that gave them was lost. */
  async listUnmentioned(executorId: string, mentioned: readonly string[], afterSeconds: number): Promise<Task[]> {
    const rows = await this.database.query<TaskRow>(sql`
      select ${TASK} from task
      where executor_id = ${executorId} and status = 'RUNNING' and id <> all(${mentioned}::uuid[])
        and started_at < now() - make_interval(secs => ${afterSeconds})`);
    return rows.map(toTask);
  }

  /** Makes the tasks of executors of this name due at once; for an executor that is known to be gone. */
  async release(executorName: string): Promise<number> {
    const rows = await this.database.query(sql`
      update task set run_at = now(), max_attempts = max_attempts + 1
      where status = 'RUNNING' and executor_id in (select id from executor where name = ${executorName})
      returning id`);
    return rows.length;
  }

  /** The attempt goes on without an executor; false if it has lost the task. Again: the lease begins anew. */
  async adopt({ id, attempt }: TaskRef, leaseSeconds: number): Promise<boolean> {
    const rows = await this.database.query(sql`
      update task set executor_id = null, run_at = now() + make_interval(secs => ${leaseSeconds})
      where id = ${id} and attempt = ${attempt} and status = 'RUNNING' returning id`);
    return rows.length === 1;
  }

  /** Puts back what was adopted: it is to run, and the attempt does not count. False if it has lost the task. */
  async giveBack({ id, attempt }: TaskRef): Promise<boolean> {
    const rows = await this.database.query(sql`
      update task
      set status = 'QUEUED', run_at = now(), started_at = null, skip_cache = true, max_attempts = max_attempts + 1
      where id = ${id} and attempt = ${attempt} and status = 'RUNNING' and executor_id is null returning id`);
    return rows.length === 1;
  }

  /** Puts back what was claimed and given to nobody, for so long; the attempts do not count. */
  async defer(refs: readonly TaskRef[], seconds: number): Promise<void> {
    if (refs.length === 0) return;
    await this.database.query(sql`
      update task
      set status = 'QUEUED', run_at = now() + make_interval(secs => ${seconds}), executor_id = null, started_at = null,
          progress = null, max_attempts = max_attempts + 1
      from jsonb_to_recordset(${JSON.stringify(refs)}::jsonb) as given(id uuid, attempt integer)
      where task.id = given.id and task.attempt = given.attempt and task.status = 'RUNNING'`);
  }

  /** Ends the wait of what was deferred. */
  async makeDue(ids: readonly string[]): Promise<void> {
    await this.database.query(sql`
      update task set run_at = now() where id = any(${ids}::uuid[]) and status = 'QUEUED' and run_at > now()`);
  }

  /**
   * What was lost and has a limit goes back into the queue: its place below the limit is free for it again. (What has
   * none is claimed as it is.) Gives back how many that were.
   */
  async requeueLost(limit: number): Promise<number> {
    const rows = await this.database.query(sql`
      with lost as (
        select id from task
        where status = 'RUNNING' and kind = 'function' and run_at <= now() and attempt < max_attempts
          and (function_place is not null or namespace_place is not null or needs ? 'maxConcurrency')
        limit ${limit}
        for update skip locked
      )
      update task set status = 'QUEUED', executor_id = null, started_at = null, progress = null
      from lost where task.id = lost.id
      returning task.id`);
    return rows.length;
  }

  /** Tasks whose every attempt was lost. They stay with the caller for the length of a lease. */
  async claimLost(limit: number, leaseSeconds: number): Promise<Task[]> {
    const rows = await this.database.query<TaskRow>(sql`
      with lost as (
        select id from task
        where status = 'RUNNING' and run_at <= now() and attempt >= max_attempts
        limit ${limit}
        for update skip locked
      )
      update task set run_at = now() + make_interval(secs => ${leaseSeconds})
      from lost where task.id = lost.id
      returning ${TASK}`);
    return rows.map(toTask);
  }

  /** Succeeded tasks whose outputs were not made visible in time: whoever was doing it is gone. */
  async claimUnpublished(limit: number, leaseSeconds: number): Promise<Task[]> {
    const rows = await this.database.query<TaskRow>(sql`
      with overdue as (
        select id from task where status = 'PUBLISHING' and run_at <= now() limit ${limit} for update skip locked
      )
      update task set run_at = now() + make_interval(secs => ${leaseSeconds})
      from overdue where task.id = overdue.id
      returning ${TASK}`);
    return rows.map(toTask);
  }
}

/**
 * Also a part of a greater statement, which says on what condition. A task that comes with a lease is given out by
 * being inserted: its executor has been waiting for it.
 */
export function insertTasks(tasks: readonly NewTask[], condition: Query): Query {
  const insert = sql`
    insert into task (id, namespace, kind, execution_id, frame_id, step, state_name, resource, function_version_id,
                      payload, result_shape, labels, memory_mb, vcpu, timeout_seconds, token_hash, heartbeat_seconds,
                      max_attempts, skip_cache, client_context, asynchronous, refs, payload_place, needs, input_key, queue_lane, status, attempt, executor_id, started_at, run_at)
    select id, namespace, kind, execution_id, frame_id, step, state_name, resource, function_version_id,
           case when payload_place is null then coalesce(payload, 'null') end, result_shape, labels, memory_mb, vcpu, timeout_seconds, token_hash,
           heartbeat_seconds, max_attempts, skip_cache, client_context, asynchronous, refs, payload_place, needs, input_key,
           case kind when 'function' then lane_of(resource, function_version_id, labels, memory_mb, vcpu, needs) end,
           case when executor_id is null then 'QUEUED' else 'RUNNING' end,
           case when executor_id is null then 0 else 1 end, executor_id,
           case when executor_id is not null then now() end, now() + make_interval(secs => lease_seconds)
    from json_to_recordset(${JSON.stringify(tasks.map(toRecord))}::json) as t(
      id uuid, namespace text, kind text, execution_id uuid, frame_id integer, step integer, state_name text,
      resource text, function_version_id uuid, payload json, result_shape text, labels text[], memory_mb integer,
      vcpu real, timeout_seconds real, token_hash text, heartbeat_seconds real, max_attempts integer,
      skip_cache boolean, client_context text, asynchronous boolean, refs jsonb, payload_place bigint, needs jsonb, input_key bigint, executor_id uuid, lease_seconds real)
    where `;
  return joined([insert, condition], '');
}

function toRecord(task: NewTask): Record<string, unknown> {
  const { waiter, payloadRef, payloadPlace } = task;
  return {
    id: task.id,
    namespace: task.namespace,
    kind: task.kind,
    execution_id: waiter?.executionId,
    frame_id: waiter?.frameId,
    step: waiter?.step,
    state_name: task.stateName,
    resource: task.resource,
    function_version_id: task.functionVersionId,
    payload: payloadRef || payloadPlace !== undefined ? undefined : task.payload,
    payload_place: payloadRef ? undefined : payloadPlace,
    refs: payloadRef && { payload: payloadRef },
    result_shape: task.resultShape ?? 'plain',
    labels: task.labels,
    memory_mb: task.memoryMb,
    vcpu: task.vcpu,
    needs: task.needs,
    input_key: task.inputKey,
    timeout_seconds: task.timeoutSeconds,
    token_hash: task.tokenHash,
    heartbeat_seconds: task.heartbeatSeconds,
    max_attempts: task.maxAttempts ?? 5,
    skip_cache: task.skipCache ?? false,
    client_context: task.clientContext,
    asynchronous: task.asynchronous ?? false,
    executor_id: task.lease?.executorId,
    lease_seconds: task.lease?.seconds ?? 0,
  };
}
