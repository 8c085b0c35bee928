import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** Removes executions and invocations that ended long ago, some at a time. */
@Injectable()
export class EndedWorkRepository {
  constructor(private readonly database: Database) {}

  /**
   * Executions, with all that is below them. What ended after they did may still look at them: a parent that runs, a map
   * run that counts its children, and lifecycle events that are not told yet.
   */
  async deleteExecutions(namespace: string, days: number, limit: number): Promise<number> {
    const [row] = await this.database.query<{ deleted: number }>(sql`
      with old as (
        select id from execution e
        where namespace = ${namespace} and started_at < now() - make_interval(days => ${days})
          and status <> 'RUNNING' and ended_at < now() - make_interval(days => ${days})
          and not exists (select from execution p where p.id = e.parent_execution_id and p.status = 'RUNNING')
          and not exists (select from map_run m where m.id = e.map_run_id and m.ended_at is null)
          and not exists (select from map_run m where m.execution_id = e.id and m.ended_at is null)
          and not exists (select from lifecycle_event l where l.execution_id = e.id)
        order by started_at limit ${limit}
        for update skip locked
      ), frames as (delete from frame using old where frame.execution_id = old.id
      ), timers as (delete from timer using old where timer.execution_id = old.id
      ), histories as (delete from history using old where history.execution_id = old.id
      ), tasks as (delete from task using old where task.execution_id = old.id
      ), gone as (delete from execution e using old where e.id = old.id returning 1)
      select count(*)::int as deleted from gone`);
    return row?.deleted ?? 0;
  }

  /** Those outside of executions, once they are counted in what the namespace has used. */
  async deleteInvocations(namespace: string, days: number, limit: number): Promise<number> {
    const rows = await this.database.query(sql`
      delete from task where id in (
        select id from task
        where namespace = ${namespace} and created_at < now() - make_interval(days => ${days})
          and execution_id is null and status not in ('QUEUED', 'RUNNING', 'PUBLISHING')
          and ended_at < least(now() - make_interval(days => ${days}), (select rolled_up_to from usage_mark))
        order by created_at limit ${limit}
        for update skip locked)
      returning id`);
    return rows.length;
  }
}
