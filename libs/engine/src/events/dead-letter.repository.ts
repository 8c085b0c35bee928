import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';

export interface NewDeadLetter {
  /** What it would have been: an `event` for a trigger. */
  readonly kind: string;
  readonly payload: unknown;
  readonly error: string;
  readonly cause: string;
}

export interface DeadLetter extends NewDeadLetter {
  readonly id: string;
  readonly createdAt: Date;
}

@Injectable()
export class DeadLetterRepository {
  constructor(private readonly database: Database) {}

  async insert(namespace: string, { kind, payload, error, cause }: NewDeadLetter): Promise<void> {
    await this.database.query(sql`
      insert into dead_letter (id, namespace, kind, payload, error, cause)
      values (${uuid()}, ${namespace}, ${kind}, ${JSON.stringify(payload)}::jsonb, ${error}, ${cause})`);
  }

  /** Newest first. */
  async list(namespace: string, limit: number): Promise<DeadLetter[]> {
    return this.database.query<DeadLetter & Record<string, unknown>>(sql`
      select id, kind, payload, error, cause, created_at as "createdAt" from dead_letter
      where namespace = ${namespace}
      order by created_at desc
      limit ${limit}`);
  }
}
