import { Database, sql } from '@app/common';
import type { KnownVersion } from '@app/events';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';

export interface LedgerVersion extends KnownVersion {
  readonly id: string;
  readonly key: string;
  readonly notifiedAt: Date | null;
  readonly listedAt: Date | null;
}

export interface NewVersion {
  readonly namespace: string;
  readonly bucket: string;
  readonly key: string;
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
  readonly sequencer?: string | undefined;
  readonly size?: number | undefined;
  readonly eventId: string;
  /** What told of it. */
  readonly eventTime?: Date;
  readonly lastModified?: Date;
}

/** Versions of objects that triggers wait for, each acted on once whichever way it was learned of. */
@Injectable()
export class LedgerRepository {
  constructor(private readonly database: Database) {}

  /** Until the end of the transaction, nobody else learns of this object. */
  async lockKey(namespace: string, bucket: string, key: string): Promise<void> {
    const name = JSON.stringify([namespace, bucket, key]);
    await this.database.query(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 5))`);
  }

  /** The latest first. */
  async listVersions(namespace: string, bucket: string, keys: readonly string[]): Promise<LedgerVersion[]> {
    return this.database.query<LedgerVersion & Record<string, unknown>>(sql`
      select id, key, etag, event_id as "eventId", last_modified as "lastModified", event_time as "eventTime",
             sequencer, notified_at as "notifiedAt", listed_at as "listedAt"
      from object_ledger
      where namespace = ${namespace} and bucket = ${bucket} and key = any(${[...keys]}::text[])
      order by seen_at desc`);
  }

  async insert(version: NewVersion): Promise<void> {
    const { namespace, bucket, key, etag, versionId, sequencer, size, eventId, eventTime, lastModified } = version;
    await this.database.query(sql`
      insert into object_ledger (id, namespace, bucket, key, etag, version_id, sequencer, size, event_id, event_time,
                                 last_modified, notified_at, listed_at, acted_at)
      values (${uuid()}, ${namespace}, ${bucket}, ${key}, ${etag ?? null}, ${versionId ?? null}, ${sequencer ?? null},
              ${size ?? null}, ${eventId}, ${eventTime ?? null}, ${lastModified ?? null},
              case when ${eventTime ?? null}::timestamptz is not null then now() end,
              case when ${lastModified ?? null}::timestamptz is not null then now() end, now())`);
  }

  async saveNotified(id: string, eventTime: Date, sequencer: string | undefined): Promise<void> {
    await this.database.query(sql`
      update object_ledger set notified_at = now(), event_time = ${eventTime}, sequencer = ${sequencer ?? null}
      where id = ${id} and notified_at is null`);
  }

  async saveListed(found: readonly { readonly id: string; readonly lastModified: Date }[]): Promise<void> {
    await this.database.query(sql`
      update object_ledger set listed_at = now(), last_modified = found.last_modified
      from unnest(${found.map(({ id }) => id)}::uuid[], ${found.map(({ lastModified }) => lastModified)}::timestamptz[])
        as found (id, last_modified)
      where object_ledger.id = found.id and listed_at is null`);
  }
}
