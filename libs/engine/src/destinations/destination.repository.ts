import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { CallDestination } from '../asynchronous/event-invoke-config.js';

export interface DestinationDelivery {
  readonly taskId: string;
  readonly namespace: string;
  readonly target: CallDestination;
  readonly condition: string;
  readonly calls: number;
  readonly hops: number;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** Ends of invocations that their destinations have not been told of. */
@Injectable()
export class DestinationRepository {
  constructor(private readonly database: Database) {}

  /** One that is due, held until the transaction ends. */
  async lockDue(): Promise<DestinationDelivery | undefined> {
    const [row] = await this.database.query<DestinationDelivery & Record<string, unknown>>(sql`
      select task_id as "taskId", namespace, target, condition, calls, hops, attempts, created_at as "createdAt"
      from destination_delivery where due_at <= now()
      order by due_at limit 1
      for update skip locked`);
    return row;
  }

  async delay(taskId: string, delayMs: number): Promise<void> {
    await this.database.query(sql`
      update destination_delivery
      set attempts = attempts + 1, due_at = clock_timestamp() + ${delayMs} * interval '1 millisecond'
      where task_id = ${taskId}`);
  }

  async delete(taskId: string): Promise<void> {
    await this.database.query(sql`delete from destination_delivery where task_id = ${taskId}`);
  }

  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(due_at) - now()) * 1000)::float8 as ms from destination_delivery`);
    return row?.ms ?? undefined;
  }

  /** Up to here the transaction can be taken back, when the telling fails. */
  async setSavepoint(): Promise<void> {
    await this.database.query(sql`savepoint telling`);
  }

  async rollBackToSavepoint(): Promise<void> {
    await this.database.query(sql`rollback to savepoint telling`);
  }
}
