import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { EarlierState, StateTasks } from './rollup.js';

/** The newest executions of a namespace: an index leads to them, and none to those of a version. */
const LOOKED_AT = 500;

@Injectable()
export class ProgressRepository {
  constructor(private readonly database: Database) {}

  async tasksByState(executionId: string): Promise<StateTasks[]> {
    return this.database.query<StateTasks & Record<string, unknown>>(sql`
      select coalesce(state_name, '') as state, count(*)::int as tasks,
             count(*) filter (where status not in ('QUEUED', 'RUNNING', 'PUBLISHING'))::int as ended,
             count(*) filter (where status in ('RUNNING', 'PUBLISHING'))::int as running,
             coalesce(sum((progress ->> 'percent')::float8) filter (where status = 'RUNNING'), 0) as "runningPercent"
      from task where execution_id = ${executionId} group by 1`);
  }

  /** Of the last execution of the same version that succeeded; nothing if that was too long ago. */
  async earlierStates(executionId: string, workflowVersionId: string): Promise<EarlierState[]> {
    return this.database.query<EarlierState & Record<string, unknown>>(sql`
      select coalesce(t.state_name, '') as state, count(*)::int as tasks,
             coalesce(avg(extract(epoch from t.ended_at - t.started_at)), 0)::float8 as seconds
      from (
        select id from (
          select id, workflow_version_id, status from execution
          where namespace = (select namespace from execution where id = ${executionId})
          order by started_at desc limit ${LOOKED_AT}
        ) newest
        where workflow_version_id = ${workflowVersionId} and status = 'SUCCEEDED' limit 1
      ) e join task t on t.execution_id = e.id
      group by 1`);
  }
}
