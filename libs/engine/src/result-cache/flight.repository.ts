import { Database, sql } from '@app/common';
import type { TaskRef } from '@app/queue';
import { Injectable } from '@nestjs/common';

/** An attempt at the work of a key. */
export interface Flight extends TaskRef {
  readonly namespace: string;
  readonly key: string;
}

export interface Follower extends TaskRef {
  readonly leaderId: string;
}

@Injectable()
export class FlightRepository {
  constructor(private readonly database: Database) {}

  /**
   * Every key has a row afterwards, and it is locked. In an order of their own, for two that meet; and apart from
   * `lead`, which must see what was committed while this one waited.
   */
  async lock(flights: readonly Flight[]): Promise<void> {
    await this.database.query(sql`
      insert into result_cache_flight as flight (namespace, key, task_id, attempt)
      select distinct on (namespace, key) namespace, key, id, attempt
      from jsonb_to_recordset(${JSON.stringify(flights)}::jsonb) as t(namespace text, key text, id uuid, attempt integer)
      order by namespace, key, id
      on conflict (namespace, key) do update set task_id = flight.task_id`);
  }

  /** Takes over what nobody does any more; gives those back that somebody else is doing. */
  async lead(flights: readonly Flight[]): Promise<Follower[]> {
    return this.database.query<{ id: string; attempt: number; leaderId: string }>(sql`
      with wanted as materialized (
        select * from jsonb_to_recordset(${JSON.stringify(flights)}::jsonb)
          as t(namespace text, key text, id uuid, attempt integer)
      ), first as (
        select distinct on (namespace, key) * from wanted order by namespace, key, id
      ), taken as (
        update result_cache_flight as flight set task_id = first.id, attempt = first.attempt, begun_at = now()
        from first
        where flight.namespace = first.namespace and flight.key = first.key and not exists (
          select from task where task.id = flight.task_id and task.attempt = flight.attempt
            and status in ('RUNNING', 'PUBLISHING') and run_at > now())
        returning flight.namespace, flight.key, flight.task_id
      ), leader as (
        select flight.namespace, flight.key, coalesce(taken.task_id, flight.task_id) as id
        from result_cache_flight as flight left join taken using (namespace, key)
        where (namespace, key) in (select namespace, key from wanted)
      )
      select wanted.id, wanted.attempt, leader.id as "leaderId"
      from wanted join leader using (namespace, key) where leader.id <> wanted.id`);
  }

  async follow(followers: readonly Follower[]): Promise<void> {
    await this.database.query(sql`
      insert into result_cache_wait (task_id, leader_id)
      select id, "leaderId" from jsonb_to_recordset(${JSON.stringify(followers)}::jsonb) as t(id uuid, "leaderId" uuid)
      on conflict (task_id) do update set leader_id = excluded.leader_id, begun_at = now()`);
  }

  async unfollow(ids: readonly string[]): Promise<void> {
    await this.database.query(sql`delete from result_cache_wait where task_id = any(${ids}::uuid[])`);
  }

  async land(taskId: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      delete from result_cache_flight where task_id = ${taskId} returning 1`);
    return rows.length > 0;
  }

  /** Who waited for it, once. After `land`, and apart from it: it waits for whoever is about to follow. */
  async takeFollowers(leaderId: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(sql`
      delete from result_cache_wait where leader_id = ${leaderId} returning task_id as id`);
    return rows.map(({ id }) => id);
  }
}
