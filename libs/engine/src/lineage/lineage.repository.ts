import { Database, sql } from '@app/common';
import type { Lineage } from '@app/events';
import { Injectable } from '@nestjs/common';

interface Written {
  readonly bucket: string;
  readonly key: string;
}

/** Whoever runs: a task, and the execution that waits for it. */
export interface Writer {
  readonly taskId?: string | undefined;
  readonly executionId?: string | undefined;
}

/** Longer chains are cut at their beginning. */
const MAX_PATH = 1_000;
/** What was written longer ago has surely been told of. */
const KNOWN_DAYS = 7;

@Injectable()
export class LineageRepository {
  constructor(private readonly database: Database) {}

  /** What the writer writes is one event further than what started it, or started its parent. */
  async next({ taskId, executionId }: Writer): Promise<Lineage> {
    const [row] = await this.database.query<{ hops: number; path: string }>(sql`
      with recursive line as (
        select id, namespace, workflow, event_source, event_id, parent_execution_id
        from execution where id = ${executionId ?? null}::uuid
        union all
        select parent.id, parent.namespace, parent.workflow, parent.event_source, parent.event_id, parent.parent_execution_id
        from line join execution parent on parent.id = line.parent_execution_id
      ), origin as (
        select namespace, event_source as source, event_id as id, 'workflow ' || workflow as what
        from line where event_source is not null
        union all
        select start.namespace, start.source, start.event_id, 'function ' || task.resource
        from event_start start join task on task.id = start.target_id
        where start.target_kind = 'function' and start.target_id = ${taskId ?? null}::uuid
      )
      select coalesce((extensions->>'spoolhops')::int, 0) + 1 as hops,
             right(concat_ws(' → ', nullif(extensions->>'spoolpath', ''), what), ${MAX_PATH}) as path
      from origin join event using (namespace, source, id)
      order by hops desc limit 1`);
    return row ?? { hops: 1, path: '' };
  }

  async saveOrigin({ bucket, key }: Written, { hops, path }: Lineage): Promise<void> {
    await this.database.query(sql`
      insert into object_origin (bucket, key, hops, path) values (${bucket}, ${key}, ${hops}, ${path})
      on conflict (bucket, key) do update set hops = excluded.hops, path = excluded.path, written_at = now()`);
  }

  /** Of an object that we wrote not long ago. */
  async findOrigin({ bucket, key }: Written): Promise<Lineage | undefined> {
    const [row] = await this.database.query<{ hops: number; path: string }>(sql`
      select hops, path from object_origin
      where bucket = ${bucket} and key = ${key} and written_at > now() - make_interval(days => ${KNOWN_DAYS})`);
    return row;
  }
}
