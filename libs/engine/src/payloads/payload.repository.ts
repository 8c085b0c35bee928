import { Database, joined, type Query, sql } from '@app/common';
import type { ValueRef } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { digestOf } from './payload-marks.js';

export interface Payload extends ValueRef {
  readonly namespace: string;
  readonly digest: string;
}

/** Which values are in the object store, and who refers to them. */
@Injectable()
export class PayloadRepository {
  constructor(private readonly database: Database) {}

  /** Where it is; it stays there for a day from now, whoever refers to it. */
  async touch(namespace: string, digest: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ key: string }>(sql`
      update payload set touched_at = now() where namespace = ${namespace} and digest = ${digest} returning key`);
    return row?.key;
  }

  /** Where it is from now on: somebody else may have been faster. */
  async insert({ namespace, digest, key, bytes }: Payload): Promise<string> {
    const [row] = await this.database.query<{ key: string }>(sql`
      insert into payload (namespace, digest, key, bytes) values (${namespace}, ${digest}, ${key}, ${bytes})
      on conflict (namespace, digest) do update set touched_at = now()
      returning key`);
    return row?.key ?? key;
  }

  /** In the transaction that writes the rows which refer to them. */
  async insertUses(holder: string, namespace: string, refs: readonly ValueRef[]): Promise<void> {
    if (refs.length > 0) await this.database.query(insertUses(refs.map((ref) => ({ holder, namespace, ref }))));
  }

  /** Uses by what is not there any more. */
  async deleteStaleUses(limit: number): Promise<number> {
    const rows = await this.database.query(sql`
      delete from payload_use
      where ctid = any(array(
        select ctid from payload_use u
        where not exists (select from execution where id = u.holder) and not exists (select from task where id = u.holder)
          and not exists (select from map_run where id = u.holder)
          and not exists (select from event where holder = u.holder)
          and not exists (select from dead_letter where id = u.holder)
        limit ${limit}))
      returning holder`);
    return rows.length;
  }

  /** Those that nobody refers to, and has not for so long; gives back where they are. */
  async deleteUnused(idleSeconds: number, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ key: string }>(sql`
      delete from payload
      where (namespace, digest) in (
          select namespace, digest from payload p
          where touched_at < now() - make_interval(secs => ${idleSeconds})
            and not exists (select from payload_use u where u.namespace = p.namespace and u.digest = p.digest)
          order by touched_at limit ${limit} for update skip locked)
        and touched_at < now() - make_interval(secs => ${idleSeconds})
      returning key`);
    return rows.map(({ key }) => key);
  }

  /** Of these keys, those that stand for no payload. */
  async listUnknown(keys: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ key: string }>(sql`
      select given.key from unnest(${keys}::text[]) as given(key)
      where not exists (select from payload where payload.key = given.key)`);
    return rows.map(({ key }) => key);
  }
}

export interface Use {
  readonly holder: string;
  readonly namespace: string;
  readonly ref: ValueRef;
}

/** Also a part of the statement that writes turns, which says on what condition. */
export function insertUses(uses: readonly Use[], condition: Query = sql`true`): Query {
  const records = uses.map(({ holder, namespace, ref }) => ({ holder, namespace, digest: digestOf(ref) }));
  const insert = sql`
    insert into payload_use (holder, namespace, digest)
    select distinct holder, namespace, digest
    from json_to_recordset(${JSON.stringify(records)}::json) as t(holder uuid, namespace text, digest text)
    where `;
  return joined([insert, condition, sql` on conflict do nothing`], '');
}
