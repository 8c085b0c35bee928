import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export interface ClaimedSweep {
  readonly namespace: string;
  readonly bucket: string;
  /** Where the sweep that has begun goes on; null at the beginning of one. */
  readonly afterKey: string | null;
  /** When the first trigger that waits for the bucket was made: objects from before are nobody's. */
  readonly since: Date | null;
}

@Injectable()
export class BucketSweepRepository {
  constructor(private readonly database: Database) {}

  /** Every bucket that an object trigger names has its row. */
  async insertMissing(): Promise<void> {
    await this.database.query(sql`
      insert into bucket_sweep (namespace, bucket)
      select distinct namespace, source->>'bucket' from trigger where kind = 'object' and enabled
      on conflict do nothing`);
  }

  /** A sweep that is due, for this process alone until the lease runs out. */
  async claim(leaseSeconds: number): Promise<ClaimedSweep | undefined> {
    const [row] = await this.database.query<ClaimedSweep & Record<string, unknown>>(sql`
      update bucket_sweep sweep set next_at = now() + make_interval(secs => ${leaseSeconds}),
        started_at = case when after_key is null then now() else started_at end,
        again = again and after_key is not null
      where (namespace, bucket) = (
        select namespace, bucket from bucket_sweep where next_at <= now()
        order by next_at limit 1 for update skip locked)
      returning namespace, bucket, after_key as "afterKey", (
        select date_trunc('second', min(created_at)) from trigger
        where trigger.namespace = sweep.namespace and kind = 'object' and enabled
          and source->>'bucket' = sweep.bucket) as since`);
    return row;
  }

  /** Notes a page; without `next` it was the last one, and the bucket rests: ten times as long as it took, at least. */
  async savePage(
    { namespace, bucket }: ClaimedSweep,
    page: { listed: number; healed: number; next?: string },
    restSeconds: number,
  ): Promise<void> {
    await this.database.query(sql`
      update bucket_sweep set after_key = ${page.next ?? null}, error = null,
        listed = ${page.listed} + case when after_key is null then 0 else listed end,
        healed = healed + ${page.healed},
        finished_at = case when ${page.next ?? null}::text is null then now() else finished_at end,
        next_at = case when ${page.next ?? null}::text is null and not again
          then now() + greatest(make_interval(secs => ${restSeconds}), 10 * (now() - started_at)) else now() end
      where namespace = ${namespace} and bucket = ${bucket}`);
  }

  async saveError({ namespace, bucket }: ClaimedSweep, error: string, restSeconds: number): Promise<void> {
    await this.database.query(sql`
      update bucket_sweep set error = ${error}, next_at = now() + make_interval(secs => ${restSeconds})
      where namespace = ${namespace} and bucket = ${bucket}`);
  }

  async delete({ namespace, bucket }: Pick<ClaimedSweep, 'namespace' | 'bucket'>): Promise<void> {
    await this.database.query(sql`delete from bucket_sweep where namespace = ${namespace} and bucket = ${bucket}`);
  }

  /** Makes the bucket due now. False if no trigger waits for it. */
  async hasten(namespace: string, bucket: string): Promise<boolean> {
    await this.insertMissing();
    const rows = await this.database.query(sql`
      update bucket_sweep set next_at = now() where namespace = ${namespace} and bucket = ${bucket} returning bucket`);
    return rows.length === 1;
  }

  /**
   * Makes the bucket due wherever it is waited for: something may have happened unheard. A sweep that is under way may
   * have passed the place already, so another one follows.
   */
  async hastenEverywhere(bucket: string): Promise<void> {
    await this.insertMissing();
    await this.database.query(sql`update bucket_sweep set again = true, next_at = now() where bucket = ${bucket}`);
  }

  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(next_at) - now()) * 1000)::float8 as ms from bucket_sweep`);
    return row?.ms ?? undefined;
  }
}
