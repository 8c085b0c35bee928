import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { Task } from './task.js';
import { TASK } from './task.repository.js';
import { type TaskRow, toTask } from './task.row.js';

/** Tasks by the tokens that answer for them. */
@Injectable()
export class TokenTaskRepository {
  constructor(private readonly database: Database) {}

  async list(namespace: string, tokenHashes: readonly string[]): Promise<Task[]> {
    const rows = await this.database.query<TaskRow>(sql`
      select ${TASK} from task where namespace = ${namespace} and token_hash = any(${tokenHashes}::text[])`);
    return rows.map(toTask);
  }

  /** A sign of life of whoever has the token; undefined if there is no such token. */
  async beat(namespace: string, tokenHash: string): Promise<Task | undefined> {
    const [row] = await this.database.query<TaskRow>(sql`
      update task set heartbeat_at = now() where namespace = ${namespace} and token_hash = ${tokenHash} returning ${TASK}`);
    return row && toTask(row);
  }
}
