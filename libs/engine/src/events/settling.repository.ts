import { Database, sql } from '@app/common';
import type { CloudEvent } from '@app/events';
import { Injectable } from '@nestjs/common';
import { EventRepository } from './event.repository.js';

export interface WaitingObject {
  readonly id: string;
  readonly namespace: string;
  readonly triggerName: string;
  readonly source: string;
  readonly eventId: string;
  /** What shows that it has settled: its own key, or that of its marker. */
  readonly key: string;
  /** Raised by each claim; only the holder of the latest may act. */
  readonly attempts: number;
  readonly ageSeconds: number;
}

/** Objects that triggers wait for and that may still change. */
@Injectable()
export class SettlingRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  async event({ namespace, source, eventId }: WaitingObject): Promise<CloudEvent<unknown> | undefined> {
    return this.events.find(namespace, source, eventId);
  }

  /** One that is due, for this process alone until the lease runs out. */
  async claim(leaseSeconds: number): Promise<WaitingObject | undefined> {
    const [row] = await this.database.query<WaitingObject & Record<string, unknown>>(sql`
      with due as (
        select d.id, t.name from delivery d join trigger t on t.id = d.trigger_id
        where d.purpose = 'settle' and d.due_at <= now() and t.enabled
        order by d.due_at limit 1
        for update of d skip locked)
      update delivery d set attempts = attempts + 1, due_at = now() + make_interval(secs => ${leaseSeconds})
      from due where d.id = due.id
      returning d.id, d.namespace, due.name as "triggerName", d.source, d.event_id as "eventId", d.key, d.attempts,
                extract(epoch from now() - d.created_at)::float8 as "ageSeconds"`);
    return row;
  }

  /** Until the transaction ends. False if somebody else has taken it since. */
  async lock({ id, attempts }: WaitingObject): Promise<boolean> {
    const rows = await this.database.query(sql`
      select from delivery where id = ${id} and attempts = ${attempts} for update`);
    return rows.length === 1;
  }

  async delay({ id }: WaitingObject, delaySeconds: number): Promise<void> {
    await this.database.query(sql`
      update delivery set due_at = clock_timestamp() + make_interval(secs => ${delaySeconds}) where id = ${id}`);
  }

  async delete({ id }: WaitingObject): Promise<void> {
    await this.database.query(sql`delete from delivery where id = ${id}`);
  }

  /** Something came that objects may wait for. How many do. */
  async hasten(namespace: string, source: string, key: string): Promise<number> {
    const rows = await this.database.query(sql`
      update delivery set due_at = now()
      where namespace = ${namespace} and source = ${source} and key = ${key} and purpose = 'settle'
      returning id`);
    return rows.length;
  }

  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(due_at) - now()) * 1000)::float8 as ms
      from delivery d join trigger t on t.id = d.trigger_id where t.enabled and d.purpose = 'settle'`);
    return row?.ms ?? undefined;
  }
}
