import { Database, sql, storableText } from '@app/common';
import type { TaskRef } from '@app/queue';
import { Injectable } from '@nestjs/common';

export interface NewLogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
  readonly atMs: number;
}

export interface LogLine {
  readonly id: string;
  readonly attempt: number;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
  readonly at: Date;
}

@Injectable()
export class TaskLogRepository {
  constructor(private readonly database: Database) {}

  /** Nothing is stored of an attempt that is not the latest. What Postgres cannot hold is shown as U+FFFD. */
  async insert({ id, attempt }: TaskRef, lines: readonly NewLogLine[]): Promise<void> {
    const clean = lines.map(({ line, ...rest }) => ({ ...rest, line: storableText(line) }));
    await this.database.query(sql`
      insert into task_log (task_id, attempt, stream, line, at)
      select ${id}, ${attempt}, stream, line, to_timestamp("atMs" / 1000.0)
      from rows from (jsonb_to_recordset(${JSON.stringify(clean)}::jsonb) as (stream text, line text, "atMs" bigint))
           with ordinality as l(stream, line, "atMs", n)
      where exists (select from task where id = ${id} and attempt = ${attempt})
      order by n`);
  }

  /** Of many tasks at once, each with its lines in order. */
  async insertAll(all: readonly { readonly ref: TaskRef; readonly lines: readonly NewLogLine[] }[]): Promise<void> {
    const rows = all.flatMap(({ ref: { id, attempt }, lines }) =>
      lines.map(({ line, stream, atMs }) => ({ id, attempt, stream, line: storableText(line), atMs })),
    );
    await this.database.query(sql`
      insert into task_log (task_id, attempt, stream, line, at)
      select l.id, l.attempt, l.stream, l.line, to_timestamp(l."atMs" / 1000.0)
      from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
                      as (id uuid, attempt integer, stream text, line text, "atMs" bigint))
           with ordinality as l(id, attempt, stream, line, "atMs", n)
      join task on task.id = l.id and task.attempt = l.attempt
      order by n`);
  }

  async list(taskId: string, after: string, limit: number): Promise<LogLine[]> {
    return this.database.query<LogLine & Record<string, unknown>>(sql`
      select id, attempt, stream, line, at from task_log
      where task_id = ${taskId} and id > ${after}
      order by id
      limit ${limit}`);
  }
}
