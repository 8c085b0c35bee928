import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

export interface OldVersion {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly etag: string | null;
}

/** Versions in the ledger that nobody has looked at for long. */
@Injectable()
export class OldVersionsRepository {
  constructor(private readonly database: Database) {}

  async list(namespace: string, days: number, limit: number): Promise<OldVersion[]> {
    return this.database.query<OldVersion & Record<string, unknown>>(sql`
      select id, bucket, key, etag from object_ledger
      where namespace = ${namespace} and coalesce(checked_at, seen_at) < now() - make_interval(days => ${days})
      order by coalesce(checked_at, seen_at) limit ${limit}`);
  }

  async delete(ids: readonly string[]): Promise<void> {
    await this.database.query(sql`delete from object_ledger where id = any(${[...ids]}::uuid[])`);
  }

  /** They are still there, so a sweep would act on them again if the ledger forgot them. */
  async saveChecked(ids: readonly string[]): Promise<void> {
    await this.database.query(sql`
      update object_ledger set checked_at = now() where id = any(${[...ids]}::uuid[])`);
  }
}
