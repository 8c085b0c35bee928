import { Database, sql } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { PayloadsService } from '../payloads/payloads.service.js';
import { largePlaceOf, type LetterRefs, put, valueAt, withoutLarge } from './letter-values.js';

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
  /** Of what is too large for its row: lists leave it out, and null stands for it. */
  readonly refs: LetterRefs | null;
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
  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadsService,
  ) {}

  async insert(namespace: string, letter: NewDeadLetter): Promise<void> {
    const { kind, error, cause, triggerId, attempts = 1 } = letter;
    const id = uuid();
    const place = largePlaceOf(kind);
    const large = valueAt(letter.payload as Json, place);
    await this.payloads.store(namespace, [large]);
    const { payload, refs } = withoutLarge(namespace, letter.payload as Json, place);
    await this.database.query(sql`
      insert into dead_letter (id, namespace, kind, payload, refs, error, cause, trigger_id, attempts)
      values (${id}, ${namespace}, ${kind}, ${JSON.stringify(payload)}::json, ${refs ? JSON.stringify(refs) : null},
              ${error}, ${cause}, ${triggerId ?? null}, ${attempts})`);
    await this.payloads.use(id, namespace, [large]);
  }

  /** Newest first. */
  async list(namespace: string, { before, limit }: DeadLetterFilter, triggerId?: string): Promise<DeadLetter[]> {
    return this.database.query<DeadLetter & Record<string, unknown>>(sql`
      select id, kind, payload, refs, error, cause, attempts, date_trunc('milliseconds', created_at) as "createdAt",
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
      select id, kind, payload, refs, error, cause, attempts, created_at as "createdAt", redriven_at as "redrivenAt"
      from dead_letter where namespace = ${namespace} and id = ${id}`);
    return row && this.whole(namespace, row);
  }

  async lock(namespace: string, id: string): Promise<Pick<DeadLetter, 'kind' | 'payload'> | undefined> {
    const [row] = await this.database.query<Pick<DeadLetter, 'kind' | 'payload' | 'refs'>>(sql`
      select kind, payload, refs from dead_letter where namespace = ${namespace} and id = ${id} for update`);
    return row && this.whole(namespace, row);
  }

  private async whole<Letter extends Pick<DeadLetter, 'payload' | 'refs'>>(
    namespace: string,
    letter: Letter,
  ): Promise<Letter> {
    let payload = letter.payload as Json;
    const values = await this.payloads.loadAll(letter.refs, namespace);
    for (const [place, value] of Object.entries(values)) payload = put(payload, place as keyof LetterRefs, value);
    return { ...letter, payload };
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
