import { Database, sql } from '@app/common';
import type { Ending, TaskRef } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { CallDestination } from './event-invoke-config.js';

export interface NewAsynchronousCall {
  readonly maxRetries: number;
  readonly retryIntervalSeconds: number;
  readonly maxAgeSeconds: number;
  readonly onSuccess?: CallDestination | undefined;
  readonly onFailure?: CallDestination | undefined;
  readonly triggerId?: string | undefined;
  /** How many ends have led to it, one told to the next. */
  readonly hops: number;
  readonly dedup?: { readonly key: string; readonly seconds: number } | undefined;
}

interface Named {
  readonly id: string;
  readonly namespace: string;
  readonly resource: string;
}

/** What is to become of asynchronous invocations; their runs are tasks. */
@Injectable()
export class AsynchronousCallRepository {
  constructor(private readonly database: Database) {}

  /** In the transaction that inserts the task. */
  async insert({ id, namespace }: Named, call: NewAsynchronousCall): Promise<void> {
    await this.database.query(sql`
      insert into asynchronous_call (task_id, namespace, max_retries, retry_interval_seconds, expires_at, on_success,
                                     on_failure, trigger_id, hops)
      values (${id}, ${namespace}, ${call.maxRetries}, ${call.retryIntervalSeconds},
              now() + make_interval(secs => ${call.maxAgeSeconds}), ${json(call.onSuccess)}::jsonb,
              ${json(call.onFailure)}::jsonb, ${call.triggerId ?? null}, ${call.hops})`);
  }

  /**
   * Takes the key for this invocation, in the transaction that inserts it; or gives the id of the one that has it. Of two
   * at the same time the second waits here for the first.
   */
  async takeKey({ id, namespace, resource }: Named, key: string, seconds: number): Promise<string> {
    const [taken] = await this.database.query(sql`
      insert into call_key (namespace, function, key, task_id, expires_at)
      values (${namespace}, ${resource}, ${key}, ${id}, now() + make_interval(secs => ${seconds}))
      on conflict (namespace, function, key) do update
      set task_id = excluded.task_id, expires_at = excluded.expires_at
      where call_key.expires_at <= now()
      returning 1`);
    if (taken) return id;
    const [first] = await this.database.query<{ task_id: string }>(sql`
      select task_id from call_key where namespace = ${namespace} and function = ${resource} and key = ${key}`);
    return first?.task_id ?? id;
  }

  /** Puts a failed run back into the queue, if it may run again; false if this was the last. In place of its end. */
  async again({ id, attempt }: TaskRef, { error, cause, report }: Omit<Ending, 'status'>): Promise<boolean> {
    const rows = await this.database.query(sql`
      with again as (
        update asynchronous_call c set failures = c.failures + 1
        from task
        where c.task_id = ${id} and task.id = c.task_id and task.attempt = ${attempt}
          and task.status in ('RUNNING', 'PUBLISHING') and c.failures < c.max_retries
          and now() + make_interval(secs => c.retry_interval_seconds * power(2, c.failures)) < c.expires_at
        returning c.task_id, c.retry_interval_seconds * power(2, c.failures - 1) as delay
      )
      update task
      set status = 'QUEUED', run_at = now() + make_interval(secs => again.delay), max_attempts = task.attempt + 5,
          executor_id = null, started_at = null, progress = null, output = null, error = ${error ?? null},
          cause = ${cause ?? null}, report = coalesce(${json(report)}::jsonb, task.report)
      from again where task.id = again.task_id
      returning task.id`);
    return rows.length === 1;
  }

  /** Once, in the transaction that ends the task: leaves what its destination is to be told, or a dead letter. */
  async conclude(id: string): Promise<void> {
    await this.database.query(sql`
      with call as (
        update asynchronous_call set concluded_at = now() where task_id = ${id} and concluded_at is null returning *
      ), ended as (
        select call.*, task.status, task.resource, task.payload, task.refs->'payload' as ref, task.error, task.cause, task.attempt,
               case when task.status = 'SUCCEEDED' then call.on_success else call.on_failure end as target,
               case when task.status = 'SUCCEEDED' then 'Success'
                    when call.failures < call.max_retries then 'EventAgeExceeded'
                    else 'RetriesExhausted' end as condition
        from call join task on task.id = call.task_id
      ), told as (
        insert into destination_delivery (task_id, namespace, target, condition, calls, hops)
        select task_id, namespace, target, condition,
               failures + case when error = 'EventAgeExceeded' then 0 else 1 end, hops
        from ended where target is not null
      ), letter as (
        insert into dead_letter (id, namespace, kind, payload, refs, error, cause, trigger_id, attempts)
        select gen_random_uuid(), namespace, 'invocation',
               json_build_object('invocation', task_id, 'function', resource, 'event', payload),
               case when ref is not null then jsonb_build_object('event', ref) end,
               coalesce(error, 'Function.Failed'), coalesce(cause, ''), trigger_id, greatest(attempt, 1)
        from ended where status <> 'SUCCEEDED' and target is null
        returning id, namespace, refs
      )
      insert into payload_use (holder, namespace, digest)
      select id, namespace, split_part(refs->'event'->>'key', '/', 3) from letter where refs is not null`);
  }

  /** Those that wait, and whose time is over: with their tasks locked, until the transaction ends. */
  async lockExpired(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(sql`
      select task.id from asynchronous_call c join task on task.id = c.task_id
      where c.concluded_at is null and c.expires_at <= now() and task.status = 'QUEUED'
      order by c.expires_at limit ${limit}
      for update of task skip locked`);
    return rows.map(({ id }) => id);
  }

  /** Those of cancelled tasks, which nobody is told of, and keys that stand for nothing any more. */
  async forget(limit: number): Promise<void> {
    await this.database.query(sql`
      update asynchronous_call set concluded_at = now()
      where task_id in (
        select c.task_id from asynchronous_call c join task on task.id = c.task_id
        where c.concluded_at is null and c.expires_at <= now() and task.status = 'CANCELLED' limit ${limit})`);
    await this.database.query(sql`
      delete from call_key where (namespace, function, key) in (
        select namespace, function, key from call_key where expires_at < now() - interval '1 minute' limit ${limit})`);
  }
}

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
