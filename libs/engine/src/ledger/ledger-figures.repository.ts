import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export interface LedgerFigures {
  /** Versions of objects that triggers wait for. */
  readonly seen: number;
  /** Of these, how many became an event with what it starts. */
  readonly acted: number;
  /** Of these, how many triggers still wait to start something for, because it failed. */
  readonly pending: number;
  /** Of these, how many triggers wait for to be complete. */
  readonly settling: number;
  /** Found by a sweep; no notification has come. */
  readonly healed: number;
  /** From the object's time in the store to the event, of the latest 1,000, in seconds. */
  readonly lagP50Seconds: number | null;
  readonly lagP99Seconds: number | null;
}

export interface SweepState {
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly nextAt: Date;
  readonly listed: number;
  readonly healed: number;
  readonly error: string | null;
}

export interface BucketPulse {
  readonly namespace: string;
  readonly bucket: string;
  readonly healed: number;
  /** Null before the first sweep has ended. */
  readonly sweepAgeSeconds: number | null;
  readonly waiting: number;
}

export interface LedgerEntry {
  readonly key: string;
  readonly etag: string | null;
  readonly size: number | null;
  readonly eventId: string;
  readonly seenAt: Date;
  readonly notifiedAt: Date | null;
  readonly listedAt: Date | null;
}

/** What the ledger says about a bucket as a whole. */
@Injectable()
export class LedgerFiguresRepository {
  constructor(private readonly database: Database) {}

  async figures(namespace: string, bucket: string): Promise<LedgerFigures> {
    const [row] = await this.database.query<LedgerFigures & Record<string, unknown>>(sql`
      with latest as (
        select extract(epoch from acted_at - coalesce(last_modified, event_time))::float8 as lag
        from object_ledger where namespace = ${namespace} and bucket = ${bucket} order by seen_at desc limit 1000
      )
      select count(*)::int as seen, count(acted_at)::int as acted,
        (select count(*)::int from delivery
         where namespace = ${namespace} and source = ${`/objects/${bucket}`} and purpose = 'retry') as pending,
        (select count(*)::int from delivery
         where namespace = ${namespace} and source = ${`/objects/${bucket}`} and purpose = 'settle') as settling,
        (count(*) filter (where notified_at is null))::int as healed,
        (select case when count(lag) > 0 then greatest(percentile_cont(0.5) within group (order by lag), 0) end from latest) as "lagP50Seconds",
        (select case when count(lag) > 0 then greatest(percentile_cont(0.99) within group (order by lag), 0) end from latest) as "lagP99Seconds"
      from object_ledger where namespace = ${namespace} and bucket = ${bucket}`);
    return row ?? NONE;
  }

  async sweep(namespace: string, bucket: string): Promise<SweepState | undefined> {
    const [row] = await this.database.query<SweepState & Record<string, unknown>>(sql`
      select started_at as "startedAt", finished_at as "finishedAt", next_at as "nextAt", listed::float8 as listed,
             healed::float8 as healed, error
      from bucket_sweep where namespace = ${namespace} and bucket = ${bucket}`);
    return row;
  }

  /** Of all buckets that are swept. */
  async listPulses(): Promise<BucketPulse[]> {
    return this.database.query<BucketPulse & Record<string, unknown>>(sql`
      select sweep.namespace, bucket, healed::float8 as healed,
             extract(epoch from now() - finished_at)::float8 as "sweepAgeSeconds", coalesce(waiting, 0) as waiting
      from bucket_sweep sweep left join (
        select namespace, source, count(*)::int as waiting from delivery group by 1, 2
      ) late on late.namespace = sweep.namespace and late.source = '/objects/' || bucket
      order by 1, 2`);
  }

  /** Those that triggers of the namespace wait for. */
  async listBuckets(namespace: string): Promise<string[]> {
    const rows = await this.database.query<{ bucket: string }>(sql`
      select bucket from bucket_sweep where namespace = ${namespace}
      union select distinct source->>'bucket' from trigger
      where namespace = ${namespace} and kind = 'object' and enabled order by 1`);
    return rows.map(({ bucket }) => bucket);
  }

  /** Newest first. */
  async list(namespace: string, bucket: string, healedOnly: boolean, limit: number): Promise<LedgerEntry[]> {
    return this.database.query<LedgerEntry & Record<string, unknown>>(sql`
      select key, etag, size::float8 as size, event_id as "eventId", seen_at as "seenAt", notified_at as "notifiedAt",
             listed_at as "listedAt"
      from object_ledger
      where namespace = ${namespace} and bucket = ${bucket} and (not ${healedOnly} or notified_at is null)
      order by seen_at desc limit ${limit}`);
  }
}

const NONE = { seen: 0, acted: 0, pending: 0, settling: 0, healed: 0, lagP50Seconds: null, lagP99Seconds: null };
