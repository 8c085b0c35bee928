import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { MapRunCounts } from './map-run.js';

export interface ChildEnding {
  readonly mapRunId: string;
  readonly executionId: string;
  readonly items: number;
  readonly status: string;
}

/** Children that have ended and are not counted yet: each in a row of its own, so that none waits for another. */
@Injectable()
export class MapRunEndingRepository {
  constructor(private readonly database: Database) {}

  /** A child that is driven again before its first end was counted ends once. */
  async insert(endings: readonly ChildEnding[]): Promise<void> {
    await this.database.query(sql`
      insert into map_run_ending (map_run_id, execution_id, items, status)
      select "mapRunId", "executionId", items, status
      from json_to_recordset(${JSON.stringify(endings)}::json) as t(
        "mapRunId" uuid, "executionId" uuid, items integer, status text)
      on conflict (map_run_id, execution_id) do update set status = excluded.status`);
  }

  /** Takes at most so many into the counts of their map run, which it gives back; each is counted once. */
  async count(mapRunId: string, limit: number): Promise<MapRunCounts> {
    const [row] = await this.database.query<{ counts: MapRunCounts }>(sql`
      with gone as (
        delete from map_run_ending
        where (map_run_id, execution_id) in (
          select map_run_id, execution_id from map_run_ending where map_run_id = ${mapRunId} limit ${limit})
        returning status, items
      ),
      tally as (select status, count(*) as executions, sum(items) as items from gone group by status),
      added as (
        select coalesce(jsonb_object_agg(tally.status, jsonb_build_object(
          'executions', coalesce((counts->tally.status->>'executions')::integer, 0) + executions,
          'items', coalesce((counts->tally.status->>'items')::integer, 0) + tally.items)), '{}') as counts
        from map_run, tally where id = ${mapRunId}
      )
      update map_run set counts = map_run.counts || added.counts from added where id = ${mapRunId}
      returning map_run.counts`);
    return row?.counts ?? {};
  }
}
