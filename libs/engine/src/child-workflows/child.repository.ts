import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** Which execution a task has started. A task starts at most one: the column is unique. */
@Injectable()
export class ChildRepository {
  constructor(private readonly database: Database) {}

  async findId(taskId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ id: string }>(sql`
      select id from execution where parent_task_id = ${taskId}`);
    return row?.id;
  }

  /** How many executions above this one wait for it. */
  async findDepth(executionId: string): Promise<number> {
    const [row] = await this.database.query<{ depth: number }>(sql`
      select depth from execution where id = ${executionId}`);
    return row?.depth ?? 0;
  }
}
