import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { TaskRef } from './task.js';

/** Tasks of routers that wait for something that takes long: they hold no lease, and are woken when it has come. */
@Injectable()
export class ParkedTaskRepository {
  constructor(private readonly database: Database) {}

  async park({ id, attempt }: TaskRef): Promise<void> {
    await this.database.query(sql`
      update task set run_at = 'infinity' where id = ${id} and attempt = ${attempt} and status = 'RUNNING'`);
  }

  /** Makes them due. The attempt that this takes is none that may be used up. */
  async wake(ids: readonly string[]): Promise<void> {
    await this.database.query(sql`
      with parked as (
        select id from task
        where id = any(${ids}::uuid[]) and status = 'RUNNING' and run_at = 'infinity'
        order by id for update
      )
      update task set run_at = now(), max_attempts = max_attempts + 1 from parked where task.id = parked.id`);
  }
}
