import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';

export interface NewDeadLetter {
  /** What it would have been: an `event` for a trigger, or a `notification` that cannot be read. */
  readonly kind: string;
  readonly payload: unknown;
  readonly error: string;
  readonly cause: string;
  readonly triggerId?: string;
  readonly attempts?: number;
}

export interface DeadLetter {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly error: string;
  readonly cause: string;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly redrivenAt: Date | null;
}

export interface DeadLetterFilter {
  readonly trigger?: string | undefined;
  readonly before?: { readonly at: Date; readonly id: string } | undefined;
  readonly limit: number;
}

@Injectable()
export class DeadLetterRepository {
  constructor(private readonly database: Database) {}

  async insert(namespace: string, letter: NewDeadLetter): Promise<void> {
    const { kind, payload, error, cause, triggerId, attempts = 1 } = letter;
    await this.database.query(sql`
      insert into dead_letter (id, namespace, kind, payload, error, cause, trigger_id, attempts)
      values (${uuid()}, ${namespace}, ${kind}, ${JSON.stringify(payload)}::jsonb, ${error}, ${cause},
              ${triggerId ?? null}, ${attempts})`);
  }

  /** Newest first. */
  async list(namespace: string, { before, limit }: DeadLetterFilter, triggerId?: string): Promise<DeadLetter[]> {
    return this.database.query<DeadLetter & Record<string, unknown>>(sql`
      select id, kind, payload, error, cause, attempts, date_trunc('milliseconds', created_at) as "createdAt",
             redriven_at as "redrivenAt"
      from dead_letter
      where namespace = ${namespace} and (${triggerId ?? null}::uuid is null or trigger_id = ${triggerId ?? null})
        and (${before?.id ?? null}::uuid is null
             or (date_trunc('milliseconds', created_at), id) < (${before?.at ?? null}::timestamptz, ${before?.id ?? null}::uuid))
      order by date_trunc('milliseconds', created_at) desc, id desc
      limit ${limit}`);
  }

  async find(namespace: string, id: string): Promise<DeadLetter | undefined> {
    const [row] = await this.database.query<DeadLetter & Record<string, unknown>>(sql`
      select id, kind, payload, error, cause, attempts, created_at as "createdAt", redriven_at as "redrivenAt"
      from dead_letter where namespace = ${namespace} and id = ${id}`);
    return row;
  }

  async lock(namespace: string, id: string): Promise<Pick<DeadLetter, 'kind' | 'payload'> | undefined> {
    const [row] = await this.database.query<Pick<DeadLetter, 'kind' | 'payload'>>(sql`
      select kind, payload from dead_letter where namespace = ${namespace} and id = ${id} for update`);
    return row;
  }

  /** Ids, the oldest first. */
  async listWaiting(namespace: string, triggerId: string, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(sql`
      select id from dead_letter
      where namespace = ${namespace} and trigger_id = ${triggerId} and redriven_at is null
      order by created_at limit ${limit}`);
    return rows.map(({ id }) => id);
  }

  async saveRedriven(id: string): Promise<void> {
    await this.database.query(sql`update dead_letter set redriven_at = now() where id = ${id}`);
  }

  async delete(namespace: string, id: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      delete from dead_letter where namespace = ${namespace} and id = ${id} returning id`);
    return rows.length === 1;
  }
}
