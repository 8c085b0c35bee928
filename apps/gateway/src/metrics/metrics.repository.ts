import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export interface QueueDepth {
  readonly kind: string;
  /** All labels that an executor needs for these tasks, joined by ",", and "gpu" if it needs one; empty if none. */
  readonly labels: string;
  readonly count: number;
}

const SEEN_SECONDS = 60;

/** What the metrics say, read at the moment they are asked for. */
@Injectable()
export class MetricsRepository {
  constructor(private readonly database: Database) {}

  /** Tasks that are due and wait for an executor. */
  async listQueueDepths(): Promise<QueueDepth[]> {
    return this.database.query<QueueDepth & Record<string, unknown>>(sql`
      select kind, array_to_string(labels, ',') as labels, count(*)::integer as count
      from (
        select kind, labels || case when needs ? 'gpus' then array['gpu'] else '{}' end as labels
        from task where kind = 'function' and status = 'QUEUED' and run_at <= now()
        union all
        select kind, labels from task where kind <> 'function' and status = 'QUEUED' and run_at <= now()
      ) due
      group by 1, 2`);
  }

  async countRunningTasks(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(sql`
      select count(*)::integer as count from task where status = 'RUNNING' and kind = 'function'`);
    return row?.count ?? 0;
  }

  /** But for those that succeeded, of which there may be millions: these have indexes of their own. */
  async countExecutions(): Promise<{ status: string; count: number }[]> {
    return this.database.query(sql`
      select 'RUNNING' as status, count(*)::integer as count
      from frame join execution on execution.id = frame.execution_id
      where frame.id = 0 and frame.status = 'RUNNING' and execution.map_run_id is null
      union all
      select unsuccessful, count(*)::integer from execution
      where unsuccessful is not null and map_run_id is null group by unsuccessful`);
  }

  async countExecutors(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(sql`
      select count(*)::integer as count from executor where seen_at > now() - make_interval(secs => ${SEEN_SECONDS})`);
    return row?.count ?? 0;
  }
}
