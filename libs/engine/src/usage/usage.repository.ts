import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { UsageDay, UsageEntry, UsageFilter } from './usage.js';

/** By how much the end of a task may be before the transaction that tells it, and something over. */
const BACKDATED_SECONDS = 15;

/** Timestamps as Postgres says them: a Date has no microseconds. */
interface Span {
  readonly from: string;
  readonly to: string;
}

@Injectable()
export class UsageRepository {
  constructor(private readonly database: Database) {}

  async insert(entries: readonly UsageEntry[]): Promise<void> {
    await this.database.query(sql`
      insert into usage_entry (namespace, function, ended_at, failed, wall_ms, cpu_ms, gpu_ms, memory_mb, used_mb,
                               bytes_in, bytes_out, event_bytes, result_bytes)
      select namespace, function, "endedAt", failed, "wallMs", coalesce("cpuMs", 0), coalesce("gpuMs", 0), "memoryMb",
             coalesce("usedMb", 0), coalesce("bytesIn", 0), coalesce("bytesOut", 0),
             coalesce("eventBytes", 0), coalesce("resultBytes", 0)
      from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as e(
        namespace text, function text, "endedAt" timestamptz, failed boolean, "wallMs" double precision,
        "cpuMs" double precision, "gpuMs" double precision, "memoryMb" integer, "usedMb" double precision,
        "bytesIn" double precision, "bytesOut" double precision,
        "eventBytes" double precision, "resultBytes" double precision)`);
  }

  /**
   * Locks the mark, and says up to when every task that has ended is sure to be seen by the next statement; undefined
   * if another process has the lock. A task's end is the start of the transaction that ended it, or some seconds
   * before, so none that ended long before the start of the oldest that is still open can appear any more. Never before
   * the mark: what is behind it is counted, though a transaction may have come up that began before the mark was set.
   */
  async lockMark(lagSeconds: number): Promise<Span | undefined> {
    const [span] = await this.database.query<{ from: string; to: string }>(sql`
      with mark as materialized (select rolled_up_to from usage_mark for update skip locked)
      select rolled_up_to::text as "from",
             greatest(rolled_up_to,
                      least(now() - make_interval(secs => ${lagSeconds}),
                            (select min(xact_start) - make_interval(secs => ${BACKDATED_SECONDS}) from pg_stat_activity
                             where datname = current_database() and backend_type = 'client backend'
                               and pid <> pg_backend_pid())))::text as "to"
      from mark`);
    return span;
  }

  /** In the transaction that has the mark's lock, and in a statement after it. Gives how many runs were added. */
  async rollUp({ from, to }: Span): Promise<number> {
    const [row] = await this.database.query<{ added: number }>(sql`
      with taken as (
        delete from usage_entry returning *
      ), ended as (
        select task.namespace, coalesce(function.name, split_part(task.resource, ':', 1)) as function, task.ended_at,
               task.status <> 'SUCCEEDED' as failed, task.memory_mb, task.report -> 'usage' as usage,
               extract(epoch from task.ended_at - task.started_at) * 1000 as wall_ms
        from task
        left join function_version version on version.id = task.function_version_id
        left join function on function.id = version.function_id
        where task.kind = 'function' and task.ended_at >= ${from}::timestamptz and task.ended_at < ${to}::timestamptz
          and task.started_at is not null
      ), measured as (
        select namespace, function, ended_at, failed, memory_mb,
               coalesce((usage ->> 'wallMs')::double precision, wall_ms) as wall_ms,
               coalesce((usage ->> 'cpuMs')::double precision, 0) as cpu_ms,
               coalesce((usage ->> 'gpuMs')::double precision, 0) as gpu_ms,
               coalesce((usage ->> 'peakMemoryBytes')::double precision, 0) / 1048576 as used_mb,
               coalesce((usage ->> 'bytesIn')::double precision, 0) as bytes_in,
               coalesce((usage ->> 'bytesOut')::double precision, 0) as bytes_out,
               coalesce((usage ->> 'eventBytes')::double precision, 0) as event_bytes,
               coalesce((usage ->> 'resultBytes')::double precision, 0) as result_bytes,
               -- Of an instance that served several: its memory was held once.
               coalesce((usage ->> 'share')::double precision, 1) as share
        from ended
        union all
        select namespace, function, ended_at, failed, memory_mb, wall_ms, cpu_ms, gpu_ms, used_mb, bytes_in, bytes_out,
               event_bytes, result_bytes, 1
        from taken
      ), added as (
        insert into usage_day as known (namespace, day, function, invocations, failures, wall_ms, cpu_ms, gpu_ms, reserved_mb_ms,
                                        used_mb_ms, bytes_in, bytes_out, event_bytes, result_bytes)
        select namespace, (ended_at at time zone 'UTC')::date, function, count(*), count(*) filter (where failed),
               sum(wall_ms), sum(cpu_ms), sum(gpu_ms), sum(memory_mb * wall_ms * share), sum(used_mb * wall_ms * share),
               sum(bytes_in), sum(bytes_out), sum(event_bytes), sum(result_bytes)
        from measured group by 1, 2, 3
        on conflict (namespace, day, function) do update
        set invocations = known.invocations + excluded.invocations, failures = known.failures + excluded.failures,
            wall_ms = known.wall_ms + excluded.wall_ms, cpu_ms = known.cpu_ms + excluded.cpu_ms,
            gpu_ms = known.gpu_ms + excluded.gpu_ms, reserved_mb_ms = known.reserved_mb_ms + excluded.reserved_mb_ms,
            used_mb_ms = known.used_mb_ms + excluded.used_mb_ms,
            bytes_in = known.bytes_in + excluded.bytes_in, bytes_out = known.bytes_out + excluded.bytes_out,
            event_bytes = known.event_bytes + excluded.event_bytes, result_bytes = known.result_bytes + excluded.result_bytes
      ), marked as (
        update usage_mark set rolled_up_to = ${to}::timestamptz
      )
      select count(*)::integer as added from measured`);
    return row?.added ?? 0;
  }

  async list(namespace: string, { from, to, function: name }: UsageFilter): Promise<UsageDay[]> {
    return this.database.query<UsageDay & Record<string, unknown>>(sql`
      select day::text, function, invocations::double precision, failures::double precision, wall_ms as "wallMs",
             cpu_ms as "cpuMs", gpu_ms as "gpuMs", reserved_mb_ms as "reservedMbMs", used_mb_ms as "usedMbMs",
             bytes_in as "bytesIn", bytes_out as "bytesOut", event_bytes as "eventBytes", result_bytes as "resultBytes"
      from usage_day
      where namespace = ${namespace} and day between ${from}::date and ${to}::date
        and (${name ?? null}::text is null or function = ${name ?? null})
      order by day desc, wall_ms desc, function
      limit 10000`);
  }

  /** Null before the first roll-up. */
  async rolledUpTo(): Promise<Date | null> {
    const [row] = await this.database.query<{ at: Date | null }>(sql`
      select case when isfinite(rolled_up_to) then rolled_up_to end as at from usage_mark`);
    return row?.at ?? null;
  }
}
