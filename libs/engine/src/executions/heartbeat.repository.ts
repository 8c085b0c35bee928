import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { TimerKey } from './timer.repository.js';

/** Signs of life of tasks. One is a single write: the timer looks here when it fires, and is set again if it must be. */
@Injectable()
export class HeartbeatRepository {
  constructor(private readonly database: Database) {}

  /** When the next sign of life is due, if that is later than now. What has not begun owes none. */
  async findNextDue(executionId: string, { frameId, step }: TimerKey): Promise<Date | undefined> {
    const [row] = await this.database.query<{ due: Date }>(sql`
      select due
      from (
        select case when status = 'QUEUED' then now() else greatest(started_at, heartbeat_at) end
               + make_interval(secs => heartbeat_seconds) as due
        from task
        where execution_id = ${executionId} and frame_id = ${frameId} and step = ${step}
      ) as next
      where due > now()`);
    return row?.due;
  }
}
