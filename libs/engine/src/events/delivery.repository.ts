import { Database, sql } from '@app/common';
import type { CloudEvent } from '@app/events';
import { Injectable } from '@nestjs/common';

export interface Delivery {
  readonly id: string;
  readonly triggerId: string;
  readonly namespace: string;
  readonly triggerName: string;
  readonly source: string;
  readonly eventId: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

export interface NewDelivery {
  readonly triggerId: string;
  readonly namespace: string;
  /** Of one key, deliveries keep their order. */
  readonly key: string | undefined;
  readonly attempts: number;
  readonly delayMs: number;
  readonly error?: string;
  readonly cause?: string;
}

export interface NewWaitingObject {
  readonly triggerId: string;
  readonly namespace: string;
  readonly key: string;
  readonly delaySeconds: number;
}

export interface WaitingDelivery {
  /** `retry`: it failed. `settle`: the object may still change, or its marker has not come. */
  readonly for: string;
  readonly attempts: number;
  readonly dueAt: Date;
  readonly error: string | null;
  readonly cause: string | null;
}

/** Events that a trigger has not started yet. */
@Injectable()
export class DeliveryRepository {
  constructor(private readonly database: Database) {}

  /** Up to here the transaction can be taken back, when a start fails. */
  async setSavepoint(): Promise<void> {
    await this.database.query(sql`savepoint starting`);
  }

  async releaseSavepoint(): Promise<void> {
    await this.database.query(sql`release savepoint starting`);
  }

  async rollBackToSavepoint(): Promise<void> {
    await this.database.query(sql`rollback to savepoint starting`);
  }

  async insert({ source, id }: CloudEvent<unknown>, delivery: NewDelivery): Promise<void> {
    const { triggerId, namespace, key, attempts, delayMs, error, cause } = delivery;
    await this.database.query(sql`
      insert into delivery (trigger_id, namespace, source, event_id, key, purpose, attempts, due_at, error, cause)
      values (${triggerId}, ${namespace}, ${source}, ${id}, ${key ?? null}, 'retry', ${attempts},
              clock_timestamp() + ${delayMs} * interval '1 millisecond', ${error ?? null}, ${cause ?? null})
      on conflict (trigger_id, source, event_id) do nothing`);
  }

  /** It waits for its object to be complete. */
  async insertWaiting(
    { source, id }: CloudEvent<unknown>,
    { triggerId, namespace, key, delaySeconds }: NewWaitingObject,
  ): Promise<void> {
    await this.database.query(sql`
      insert into delivery (trigger_id, namespace, source, event_id, key, purpose, due_at)
      values (${triggerId}, ${namespace}, ${source}, ${id}, ${key}, 'settle',
              clock_timestamp() + make_interval(secs => ${delaySeconds}))
      on conflict (trigger_id, source, event_id) do nothing`);
  }

  async isKeyHeld(triggerId: string, key: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      select from delivery where trigger_id = ${triggerId} and key = ${key} limit 1`);
    return rows.length > 0;
  }

  /** One that is due and whose turn it is, held until the transaction ends. */
  async lockDue(): Promise<Delivery | undefined> {
    const [row] = await this.database.query<Delivery & Record<string, unknown>>(sql`
      select d.id, trigger_id as "triggerId", d.namespace, t.name as "triggerName", d.source, event_id as "eventId",
             attempts, d.created_at as "createdAt"
      from delivery d join trigger t on t.id = d.trigger_id
      where due_at <= now() and t.enabled and d.purpose = 'retry' and (key is null or not exists (
        select from delivery e where e.trigger_id = d.trigger_id and e.key = d.key and e.id < d.id))
      order by due_at limit 1
      for update of d skip locked`);
    return row;
  }

  /** What the trigger waits for before it starts for the event. */
  async findWaiting(triggerId: string, source: string, eventId: string): Promise<WaitingDelivery | undefined> {
    const [row] = await this.database.query<WaitingDelivery & Record<string, unknown>>(sql`
      select purpose as "for", attempts, due_at as "dueAt", error, cause from delivery
      where trigger_id = ${triggerId} and source = ${source} and event_id = ${eventId}`);
    return row;
  }

  async delay(id: string, delayMs: number, { error, cause }: { error: string; cause: string }): Promise<void> {
    await this.database.query(sql`
      update delivery set attempts = attempts + 1, error = ${error}, cause = ${cause},
                          due_at = clock_timestamp() + ${delayMs} * interval '1 millisecond'
      where id = ${id}`);
  }

  async delete(id: string): Promise<void> {
    await this.database.query(sql`delete from delivery where id = ${id}`);
  }

  /** Milliseconds until one is due whose turn it is; undefined if there is none. */
  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(due_at) - now()) * 1000)::float8 as ms
      from delivery d join trigger t on t.id = d.trigger_id
      where t.enabled and d.purpose = 'retry' and (key is null or not exists (
        select from delivery e where e.trigger_id = d.trigger_id and e.key = d.key and e.id < d.id))`);
    return row?.ms ?? undefined;
  }
}
