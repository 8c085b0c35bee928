import { Database, sql } from '@app/common';
import type { Json, MapRunChild } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { ExecutionRefs, ExecutionStatus } from '../executions/execution.js';
import type { MapRun, Tally } from './map-run.js';

interface ChildRow {
  id: string;
  workflow: string;
  name: string;
  status: ExecutionStatus;
  input: Json;
  output: Json;
  refs: ExecutionRefs | null;
  error: string | null;
  cause: string | null;
  map_index: number;
  started_at: Date;
  ended_at: Date | null;
}

export interface Child extends MapRunChild {
  readonly index: number;
  /** Of values that are not in the row, and are left out. */
  readonly refs: ExecutionRefs | undefined;
}

/** The executions of a map run, in the order of their items. */
@Injectable()
export class MapRunChildRepository {
  constructor(private readonly database: Database) {}

  async list(mapRunId: string, after: number, limit: number): Promise<Child[]> {
    const rows = await this.database.query<ChildRow>(sql`
      select id, workflow, name, status, refs, error, cause, map_index, started_at, ended_at,
             case when input_place is null then input else stored_value(id, input_place) end as input,
             case when output_place is null then output else stored_value(id, output_place) end as output
      from execution where map_run_id = ${mapRunId} and map_index > ${after}
      order by map_index limit ${limit}`);
    return rows.map(toChild);
  }

  async listRunning(mapRunId: string, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(sql`
      select id from execution where map_run_id = ${mapRunId} and status = 'RUNNING' limit ${limit}`);
    return rows.map(({ id }) => id);
  }

  /** Those that have not succeeded, and were not driven again since the map run was. */
  async listToRedrive({ id, redrivenAt }: MapRun, limit: number): Promise<string[]> {
    if (!redrivenAt) return [];
    const rows = await this.database.query<{ id: string }>(sql`
      select id from execution
      where map_run_id = ${id} and status in ('FAILED', 'TIMED_OUT', 'ABORTED') and ended_at < ${redrivenAt}
      limit ${limit}`);
    return rows.map((row) => row.id);
  }

  /** How many those are, and of how many items. */
  async countToRedrive({ id, redrivenAt }: MapRun): Promise<Tally> {
    if (!redrivenAt) return { executions: 0, items: 0 };
    const [tally] = await this.database.query<Tally & Record<string, unknown>>(sql`
      select count(*)::integer as executions, coalesce(sum(map_items), 0)::integer as items from execution
      where map_run_id = ${id} and status in ('FAILED', 'TIMED_OUT', 'ABORTED') and ended_at < ${redrivenAt}`);
    return tally ?? { executions: 0, items: 0 };
  }
}

const toChild = (row: ChildRow): Child => ({
  index: row.map_index,
  refs: row.refs ?? undefined,
  executionId: row.id,
  workflow: row.workflow,
  name: row.name,
  status: row.status,
  input: row.input,
  ...(row.status === 'SUCCEEDED' && { output: row.output }),
  ...(row.error !== null && { failure: { error: row.error, cause: row.cause ?? '' } }),
  startDate: row.started_at.toISOString(),
  ...(row.ended_at && { stopDate: row.ended_at.toISOString() }),
});
