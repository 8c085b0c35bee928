import { Database, sql } from '@app/common';
import type { TaskRef } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { ObjectReferences } from '../functions/object-references.js';
import type { SeenInput } from './cache-key.js';

export interface CachedObject {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
}

export interface CachedResult {
  readonly namespace: string;
  readonly key: string;
  readonly function: string;
  readonly taskId: string;
  readonly executionId: string | null;
  readonly output: unknown;
  readonly cpuMs: number;
  readonly createdAt: Date;
  readonly objects: readonly CachedObject[];
}
export type NewResult = Omit<CachedResult, 'createdAt'>;

export interface Claim extends TaskRef {
  readonly key: string;
  readonly refs: ObjectReferences;
  readonly inputs: readonly SeenInput[];
}

export interface CacheFigures {
  readonly function: string;
  readonly entries: number;
  readonly hits: number;
  readonly savedCpuMs: number;
}

@Injectable()
export class ResultCacheRepository {
  constructor(private readonly database: Database) {}

  async find(wanted: readonly { namespace: string; key: string }[]): Promise<CachedResult[]> {
    return this.database.query<CachedResult & Record<string, unknown>>(sql`
      select c.namespace, c.key, c.function, c.task_id as "taskId", c.execution_id as "executionId", c.output,
             c.cpu_ms as "cpuMs", c.created_at as "createdAt",
             coalesce((select jsonb_agg(jsonb_build_object('name', o.name, 'bucket', o.bucket, 'key', o.key, 'etag', o.etag))
                       from result_cache_object o where o.namespace = c.namespace and o.cache_key = c.key), '[]') as objects
      from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as t(namespace text, key text)
      join result_cache c on c.namespace = t.namespace and c.key = t.key`);
  }

  /** A newer result takes the place of an older one: what that one points at may be gone. */
  async save({ namespace, key, objects, ...entry }: NewResult): Promise<void> {
    await this.database.query(sql`
      with entry as (
        insert into result_cache (namespace, key, function, task_id, execution_id, output, cpu_ms)
        values (${namespace}, ${key}, ${entry.function}, ${entry.taskId}, ${entry.executionId},
                ${JSON.stringify(entry.output)}::json, ${Math.round(entry.cpuMs)})
        on conflict (namespace, key) do update
        set task_id = excluded.task_id, execution_id = excluded.execution_id, output = excluded.output,
            cpu_ms = excluded.cpu_ms, created_at = now(), used_at = now()
      ), gone as (
        delete from result_cache_object where namespace = ${namespace} and cache_key = ${key}
          and name not in (select name from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as t(name text))
      )
      insert into result_cache_object (namespace, cache_key, name, bucket, key, etag)
      select ${namespace}, ${key}, name, bucket, t.key, etag
      from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as t(name text, bucket text, key text, etag text)
      on conflict (namespace, cache_key, name) do update
      set bucket = excluded.bucket, key = excluded.key, etag = excluded.etag`);
  }

  async used({ namespace, key }: { namespace: string; key: string }): Promise<void> {
    await this.database.query(sql`
      update result_cache set used_at = now(), hits = hits + 1 where namespace = ${namespace} and key = ${key}`);
  }

  async delete({ namespace, key }: { namespace: string; key: string }): Promise<void> {
    await this.database.query(sql`delete from result_cache where namespace = ${namespace} and key = ${key}`);
  }

  async deleteAll(namespace: string, functionName: string | undefined): Promise<number> {
    const rows = await this.database.query(sql`
      delete from result_cache
      where namespace = ${namespace} and (${functionName ?? null}::text is null or function = ${functionName ?? null})
      returning 1`);
    return rows.length;
  }

  async figures(namespace: string): Promise<CacheFigures[]> {
    return this.database.query<CacheFigures & Record<string, unknown>>(sql`
      select function, count(*)::int as entries, sum(hits)::int as hits,
             sum(hits::bigint * cpu_ms)::float8 as "savedCpuMs"
      from result_cache where namespace = ${namespace} group by function order by function`);
  }

  async saveClaims(claims: readonly Claim[]): Promise<void> {
    if (claims.length === 0) return;
    await this.database.query(sql`
      insert into result_cache_claim (task_id, attempt, key, refs, inputs)
      select id, attempt, key, refs, inputs
      from jsonb_to_recordset(${JSON.stringify(claims)}::jsonb) as t(id uuid, attempt integer, key text, refs jsonb, inputs jsonb)
      on conflict (task_id, attempt) do update set key = excluded.key, refs = excluded.refs, inputs = excluded.inputs`);
  }

  /** Gives it once. */
  async takeClaim({ id, attempt }: TaskRef): Promise<Omit<Claim, keyof TaskRef> | undefined> {
    const [row] = await this.database.query<{ key: string; refs: ObjectReferences; inputs: SeenInput[] }>(sql`
      delete from result_cache_claim where task_id = ${id} and attempt = ${attempt} returning key, refs, inputs`);
    return row;
  }

  async toolsOf(executorId: string): Promise<Record<string, string>> {
    const [row] = await this.database.query<{ tools: Record<string, string> }>(sql`
      select tools from executor where id = ${executorId}`);
    return row?.tools ?? {};
  }

  /** Entries that nobody asked for in so long, and what is left of attempts that never came to an end. */
  async deleteUnused(days: number, limit: number): Promise<number> {
    await this.database.query(sql`
      with claim as (delete from result_cache_claim where claimed_at < now() - interval '3 days'),
           flight as (delete from result_cache_flight where begun_at < now() - interval '3 days')
      delete from result_cache_wait where begun_at < now() - interval '3 days'`);
    const rows = await this.database.query(sql`
      delete from result_cache where (namespace, key) in (
        select namespace, key from result_cache
        where used_at < now() - make_interval(days => ${days}) order by used_at limit ${limit})
      returning 1`);
    return rows.length;
  }
}
