import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export interface TemporaryObject {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
}

/** An execution that failed may be redriven, and reads what it has made: so long its temporary objects stay. */
const REDRIVE_HOURS = 24;

@Injectable()
export class TemporaryObjectRepository {
  constructor(private readonly database: Database) {}

  /** One that was written again is the later execution's. */
  async save(executionId: string, objects: readonly TemporaryObject[], keptSeconds: number): Promise<void> {
    await this.database.query(sql`
      with recursive line as (
        select id, parent_execution_id from execution where id = ${executionId}
        union all
        select parent.id, parent.parent_execution_id
        from line join execution parent on parent.id = line.parent_execution_id
      )
      insert into temporary_object (bucket, key, etag, execution_id, kept_until)
      select t.bucket, t.key, t.etag, line.id, now() + make_interval(secs => ${keptSeconds})
      from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as t(bucket text, key text, etag text),
           line where line.parent_execution_id is null
      on conflict (bucket, key) do update
      set etag = excluded.etag, execution_id = excluded.execution_id, created_at = now(),
          kept_until = greatest(excluded.kept_until, temporary_object.kept_until)`);
  }

  /** Those whose execution has ended, and of which no result is served any more; the oldest first. */
  async listEnded(limit: number): Promise<TemporaryObject[]> {
    return this.database.query<TemporaryObject & Record<string, unknown>>(sql`
      select t.bucket, t.key, t.etag
      from temporary_object t left join execution e on e.id = t.execution_id
      where t.kept_until < now()
        and (e.id is null or e.status = 'SUCCEEDED' or e.ended_at < now() - make_interval(hours => ${REDRIVE_HOURS}))
      order by t.created_at limit ${limit}`);
  }

  /** Unless it was written again meanwhile. */
  async delete({ bucket, key, etag }: TemporaryObject): Promise<void> {
    await this.database.query(sql`
      delete from temporary_object where bucket = ${bucket} and key = ${key} and etag = ${etag}`);
  }
}
