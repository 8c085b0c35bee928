import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** Where the lines of a task are that were moved: all up to the last of them. */
export interface LogArchive {
  readonly taskId: string;
  readonly key: string;
  readonly lastId: string;
  readonly lines: number;
  readonly bytes: number;
}

export interface EndedWithLines {
  readonly taskId: string;
  readonly namespace: string;
  readonly endedAt: Date;
}

@Injectable()
export class LogArchiveRepository {
  constructor(private readonly database: Database) {}

  async find(taskId: string): Promise<LogArchive | undefined> {
    const [row] = await this.database.query<LogArchive & Record<string, unknown>>(sql`
      select task_id as "taskId", key, last_id::text as "lastId", lines, bytes
      from task_log_archive where task_id = ${taskId}`);
    return row;
  }

  /** Steps from task to task through the key of "task_log": what it costs is by tasks, not by lines. */
  async listEnded(lagSeconds: number, limit: number): Promise<EndedWithLines[]> {
    return this.database.query<EndedWithLines & Record<string, unknown>>(sql`
      with recursive has_lines as (
        (select task_id from task_log order by task_id limit 1)
        union all
        select (select l.task_id from task_log l where l.task_id > has_lines.task_id order by l.task_id limit 1)
        from has_lines where has_lines.task_id is not null
      )
      select task.id as "taskId", task.namespace, task.ended_at as "endedAt"
      from has_lines join task on task.id = has_lines.task_id
      where task.ended_at < now() - make_interval(secs => ${lagSeconds})
      limit ${limit}`);
  }

  /** Notes the archive and removes what is in it, together; false if a newer one was noted meanwhile. */
  async save({ taskId, key, lastId, lines, bytes }: LogArchive): Promise<boolean> {
    const rows = await this.database.query(sql`
      with noted as (
        insert into task_log_archive as known (task_id, key, last_id, lines, bytes)
        values (${taskId}, ${key}, ${lastId}::bigint, ${lines}, ${bytes})
        on conflict (task_id) do update
        set key = excluded.key, last_id = excluded.last_id, lines = excluded.lines, bytes = excluded.bytes,
            archived_at = now()
        where known.last_id < excluded.last_id
        returning task_id
      ), removed as (
        delete from task_log using noted where task_log.task_id = noted.task_id and task_log.id <= ${lastId}::bigint
      )
      select task_id from noted`);
    return rows.length > 0;
  }

  async listOld(prefix: string, days: number, limit: number): Promise<LogArchive[]> {
    return this.database.query<LogArchive & Record<string, unknown>>(sql`
      select task_id as "taskId", key, last_id::text as "lastId", lines, bytes from task_log_archive
      where archived_at < now() - make_interval(days => ${days}) and starts_with(key, ${prefix})
      order by archived_at limit ${limit}`);
  }

  async delete(taskIds: readonly string[]): Promise<void> {
    await this.database.query(sql`delete from task_log_archive where task_id = any(${taskIds}::uuid[])`);
  }
}
