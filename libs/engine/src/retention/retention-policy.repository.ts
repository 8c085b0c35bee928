import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import { type RetentionPolicy, retentionPolicy } from './retention-policy.js';

@Injectable()
export class RetentionPolicyRepository {
  constructor(private readonly database: Database) {}

  async find(namespace: string): Promise<RetentionPolicy> {
    const [row] = await this.database.query<{ days: object }>(sql`
      select days from retention_policy where namespace = ${namespace}`);
    return retentionPolicy.parse(row?.days ?? {});
  }

  async save(namespace: string, policy: RetentionPolicy): Promise<void> {
    await this.database.query(sql`
      insert into retention_policy (namespace, days) values (${namespace}, ${JSON.stringify(policy)}::jsonb)
      on conflict (namespace) do update set days = excluded.days, updated_at = now()`);
  }

  /** Of every namespace that there is. */
  async list(): Promise<{ namespace: string; policy: RetentionPolicy }[]> {
    const rows = await this.database.query<{ namespace: string; days: object | null }>(sql`
      select name as namespace, days from namespace left join retention_policy on namespace = name order by name`);
    return rows.map(({ namespace, days }) => ({ namespace, policy: retentionPolicy.parse(days ?? {}) }));
  }
}
