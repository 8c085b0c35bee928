import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export interface Activity {
  readonly name: string;
  readonly createdAt: Date;
  /** Tasks that wait for a worker, and those that workers have. */
  readonly queued: number;
  readonly running: number;
}

@Injectable()
export class ActivityRepository {
  constructor(private readonly database: Database) {}

  /** False if there is one of this name. */
  async insert(namespace: string, name: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      insert into activity (namespace, name) values (${namespace}, ${name}) on conflict do nothing returning name`);
    return rows.length === 1;
  }

  async exists(namespace: string, name: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      select 1 from activity where namespace = ${namespace} and name = ${name}`);
    return rows.length === 1;
  }

  /** By name, or all of them. */
  async list(namespace: string, name?: string): Promise<Activity[]> {
    return this.database.query<{ name: string; createdAt: Date; queued: number; running: number }>(sql`
      select activity.name, activity.created_at as "createdAt",
             count(*) filter (where task.status = 'QUEUED')::integer as queued,
             count(*) filter (where task.status = 'RUNNING')::integer as running
      from activity
      left join task on task.kind = 'activity' and task.namespace = activity.namespace
        and task.resource = activity.name and task.status in ('QUEUED', 'RUNNING')
      where activity.namespace = ${namespace} and (${name ?? null}::text is null or activity.name = ${name ?? null})
      group by activity.name, activity.created_at
      order by activity.name`);
  }

  async delete(namespace: string, name: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      delete from activity where namespace = ${namespace} and name = ${name} returning name`);
    return rows.length === 1;
  }
}
