import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';

/** Undefined is as much as there is. */
export interface Quota {
  readonly maxRunning?: number | undefined;
  readonly maxQueued?: number | undefined;
}

interface QuotaRow extends Record<string, unknown> {
  readonly namespace: string;
  readonly max_running: number | null;
  readonly max_queued: number | null;
}

@Injectable()
export class QuotaRepository {
  constructor(private readonly database: Database) {}

  async list(): Promise<Map<string, Quota>> {
    const rows = await this.database.query<QuotaRow>(sql`select namespace, max_running, max_queued from quota`);
    return new Map(
      rows.map((row) => [
        row.namespace,
        { maxRunning: row.max_running ?? undefined, maxQueued: row.max_queued ?? undefined },
      ]),
    );
  }

  async save(namespace: string, { maxRunning, maxQueued }: Quota): Promise<void> {
    await this.database.query(sql`
      insert into quota (namespace, max_running, max_queued)
      values (${namespace}, ${maxRunning ?? null}::integer, ${maxQueued ?? null}::integer)
      on conflict (namespace) do update
      set max_running = excluded.max_running, max_queued = excluded.max_queued, changed_at = now()`);
  }

  /** Counts no further than it matters. */
  async countQueued(namespace: string, upTo: number): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(sql`
      select count(*)::integer as count from (
        select from task
        where kind = 'function' and status = 'QUEUED' and status in ('QUEUED', 'RUNNING') and namespace = ${namespace}
        limit ${upTo}) queued`);
    return row?.count ?? 0;
  }

  async countRunning(namespace: string): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(sql`
      select count(*)::integer as count from task
      where status = 'RUNNING' and kind = 'function' and namespace = ${namespace}`);
    return row?.count ?? 0;
  }
}
