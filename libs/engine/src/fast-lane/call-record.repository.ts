import { Database, joined, type Query, sql, storableText } from '@app/common';
import { Injectable } from '@nestjs/common';
import { insertUses } from '../payloads/payload.repository.js';
import { InvocationNews } from '../tasks/invocation-news.js';
import type { Usage } from '@app/worker-api';
import type { CallRecord, FastCall, FastEnd } from './call-record.js';
import { type CallRefs, LargeCallValues, usesOf } from './large-call-values.js';

/** Calls that went past the queue, written into the table of those that went through it. */
@Injectable()
export class CallRecordRepository {
  constructor(
    private readonly database: Database,
    private readonly values: LargeCallValues,
    private readonly news: InvocationNews,
  ) {}

  /** One statement for all. Of one that was made a task before, its end; one that was cancelled stays so. */
  async saveEnded(records: readonly CallRecord[]): Promise<void> {
    const refs = await this.values.store(records);
    await this.save(saveEnded(records, refs), records, refs, (saved) => this.tellEnded(saved, records));
  }

  /** Those that take long, as tasks that their executors hold: from now on all is as with any task. */
  async insertRunning(running: readonly Running[], leaseSeconds: number): Promise<void> {
    const refs = await this.values.store(running);
    const lease = sql`, 'RUNNING', 1, 1, now() + make_interval(secs => ${leaseSeconds})`;
    const insert = [...insertFrom(running, refs, lease, sql`, status, attempt, max_attempts, run_at`)];
    const rows = joined([...insert, sql` on conflict (id) do nothing`], '');
    await this.save(rows, running, refs, (saved) => this.news.begun(this.awaitedOf(saved, running)));
  }

  private async save(
    rows: Query,
    records: readonly Running[],
    refs: readonly CallRefs[],
    tell: (saved: readonly Saved[]) => Promise<void>,
  ): Promise<void> {
    const uses = usesOf(records, refs);
    const isTold = records.some(({ call }) => this.isAwaited(call));
    if (!isTold && uses.length === 0) return void (await this.database.query(rows));
    if (!isTold)
      return void (await this.database.query(joined([sql`with saved as (`, rows, sql`)`, insertUses(uses)], ' ')));
    await this.database.transaction(async () => {
      const returning = sql` returning id, status, xmax = 0 as "isNew"`;
      const saved = await this.database.query<Saved & Record<string, unknown>>(joined([rows, returning], ''));
      if (uses.length > 0) await this.database.query(insertUses(uses));
      await tell(saved);
    });
  }

  /** One that had a row before has told of its beginning with that; and of its end, if that was a cancellation. */
  private async tellEnded(saved: readonly Saved[], records: readonly CallRecord[]): Promise<void> {
    const statusOf = new Map(records.map(({ call, end }) => [call.id, end.status]));
    const ended = saved.filter(
      ({ id, status, isNew }) => isNew || (status === statusOf.get(id) && status !== 'CANCELLED'),
    );
    await this.news.begun(
      this.awaitedOf(
        saved.filter(({ isNew }) => isNew),
        records,
      ),
    );
    await this.news.ended(this.awaitedOf(ended, records));
  }

  private awaitedOf(saved: readonly Saved[], records: readonly Running[]): string[] {
    const awaited = new Set(records.flatMap(({ call }) => (this.isAwaited(call) ? [call.id] : [])));
    return saved.flatMap(({ id }) => (awaited.has(id) ? [id] : []));
  }

  private isAwaited({ namespace, version }: FastCall): boolean {
    return this.news.isAwaitedOf(namespace, version.functionName);
  }
}

/** A row as it is now, and whether it was not there before. */
interface Saved {
  readonly id: string;
  readonly status: string;
  readonly isNew: boolean;
}

/** What could not be stored for longer is said to have ended later: usage is not counted further back (`UsageService`). */
const MOST_PAST_MS = 10_000;

type Running = Pick<CallRecord, 'call' | 'executorId' | 'startedAt'>;

function saveEnded(records: readonly CallRecord[], refs: readonly CallRefs[]): Query {
  const columns = sql`, status, attempt, max_attempts, output, error, cause, report, ended_at`;
  const values = sql`, status, 1, 1, output, error, cause, report, now() - least(ended_ms, ${MOST_PAST_MS}) * interval '1 ms'`;
  const conflict = sql`
    on conflict (id) do update
    set status = case task.status when 'RUNNING' then excluded.status else task.status end,
        output = case task.status when 'RUNNING' then excluded.output end,
        refs = case when task.status = 'RUNNING' and excluded.refs is not null
                    then coalesce(task.refs, '{}') || excluded.refs else task.refs end,
        error = case task.status when 'RUNNING' then excluded.error else task.error end,
        cause = case task.status when 'RUNNING' then excluded.cause else task.cause end,
        ended_at = case task.status when 'RUNNING' then excluded.ended_at else task.ended_at end,
        report = excluded.report
    where task.status in ('RUNNING', 'CANCELLED', 'TIMED_OUT')`;
  return joined([...insertFrom(records, refs, values, columns), conflict], '');
}

function insertFrom(
  records: readonly (Running & Partial<CallRecord>)[],
  refs: readonly CallRefs[],
  values: Query,
  columns: Query,
): Query[] {
  const rows = `[${records.map((record, index) => rowOf(record, refs[index] ?? {})).join()}]`;
  return [
    sql`insert into task (id, namespace, kind, lane, resource, function_version_id, payload, refs, client_context, labels, memory_mb, vcpu,
                          queue_lane, timeout_seconds, executor_id, created_at, started_at`,
    columns,
    sql`)
    select id, namespace, 'function', 'fast', resource, function_version_id, coalesce(payload, 'null'), refs, client_context, labels,
           memory_mb, vcpu, lane_of(resource, function_version_id, labels, memory_mb, vcpu, null), timeout_seconds, executor_id,
           now() - created_ms * interval '1 ms',
           now() - started_ms * interval '1 ms'`,
    values,
    sql` from json_to_recordset(${rows}::json) as t(
      id uuid, namespace text, resource text, function_version_id uuid, payload json, refs jsonb, client_context text, labels text[],
      memory_mb integer, vcpu real, timeout_seconds real, executor_id uuid, status text, output json, error text, cause text,
      report jsonb, created_ms double precision, started_ms double precision, ended_ms double precision)`,
  ];
}

/** A row as JSON; event and result are put in as the texts that they are. */
function rowOf({ call, ...rest }: Running & Partial<CallRecord>, refs: CallRefs): string {
  const { id, namespace, version, event, clientContext, createdAt } = call;
  const { config } = version;
  const now = performance.now();
  const { end } = rest;
  const facts = JSON.stringify({
    id,
    namespace,
    resource: version.functionName,
    function_version_id: version.id,
    client_context: clientContext,
    labels: config.labels,
    memory_mb: config.memoryMb,
    vcpu: config.vcpu,
    timeout_seconds: config.timeoutSeconds,
    executor_id: rest.executorId,
    created_ms: now - createdAt,
    started_ms: now - rest.startedAt,
    ended_ms: now - (rest.endedAt ?? now),
    ...(Object.keys(refs).length > 0 && { refs }),
    ...(end && { status: end.status, ...toldBy(end), report: { usage: usageOf(event, end), outputs: [] } }),
  });
  const payload = refs.payload ? '' : `,"payload":${event.toString()}`;
  const output = end?.output && !refs.output ? `,"output":${end.output.toString()}` : '';
  return `${facts.slice(0, -1)}${payload}${output}}`;
}

const usageOf = (event: Buffer, { usage, status, output }: FastEnd): Usage => ({
  ...usage,
  eventBytes: event.length,
  ...(status === 'SUCCEEDED' && { resultBytes: output?.length ?? 0 }),
});

/** Text columns take no NUL. */
const toldBy = ({ error, cause }: CallRecord['end']) => ({
  ...(error !== undefined && { error: storableText(error) }),
  ...(cause !== undefined && { cause: storableText(cause) }),
});
