import { Database, sql } from '@app/common';
import type { CloudEvent, ExecutionEventData, InvocationEventData } from '@app/events';
import { Injectable } from '@nestjs/common';

export interface NewLifecycleEvent {
  readonly lane: string;
  readonly namespace: string;
  /** The execution or invocation that it tells of. */
  readonly subjectId: string;
  readonly event: CloudEvent<ExecutionEventData | InvocationEventData>;
}

export interface LifecycleEvent extends NewLifecycleEvent {
  readonly id: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** The outbox of what executions and invocations tell. */
@Injectable()
export class LifecycleRepository {
  constructor(private readonly database: Database) {}

  /** In the order in which they are given. */
  async insert(events: readonly NewLifecycleEvent[]): Promise<void> {
    await this.database.query(sql`
      insert into lifecycle_event (lane, namespace, execution_id, event)
      select lane, namespace, "subjectId", event
      from json_to_recordset(${JSON.stringify(events)}::json) as t(
        lane text, namespace text, "subjectId" uuid, event json)`);
  }

  async listDueLanes(): Promise<string[]> {
    const rows = await this.database.query<{ lane: string }>(sql`
      select distinct lane from lifecycle_event where due_at <= now()`);
    return rows.map(({ lane }) => lane);
  }

  /** For one router at a time, for so many seconds. */
  async claimLane(lane: string, leaseSeconds: number): Promise<boolean> {
    const rows = await this.database.query(sql`
      insert into lifecycle_lane (lane, leased_until) values (${lane}, now() + make_interval(secs => ${leaseSeconds}))
      on conflict (lane) do update set leased_until = excluded.leased_until
      where lifecycle_lane.leased_until <= now()
      returning lane`);
    return rows.length === 1;
  }

  async releaseLane(lane: string): Promise<void> {
    await this.database.query(sql`update lifecycle_lane set leased_until = now() where lane = ${lane}`);
  }

  /** Those whose turn it is: none overtakes another of its subject that is tried again later. */
  async listDue(lane: string, limit: number): Promise<LifecycleEvent[]> {
    return this.database.query<LifecycleEvent & Record<string, unknown>>(sql`
      select id, lane, namespace, execution_id as "subjectId", event, attempts, created_at as "createdAt"
      from lifecycle_event e
      where lane = ${lane} and due_at <= now() and not exists (
        select from lifecycle_event before
        where before.lane = e.lane and before.execution_id = e.execution_id and before.id < e.id
          and before.due_at > now())
      order by id limit ${limit}`);
  }

  async delay(id: string, delayMs: number): Promise<void> {
    await this.database.query(sql`
      update lifecycle_event
      set attempts = attempts + 1, due_at = clock_timestamp() + ${delayMs} * interval '1 millisecond'
      where id = ${id}`);
  }

  async delete(ids: readonly string[]): Promise<void> {
    await this.database.query(sql`delete from lifecycle_event where id = any(${ids}::bigint[])`);
  }

  async deleteLane(lane: string): Promise<void> {
    await this.database.query(sql`delete from lifecycle_event where lane = ${lane}`);
    await this.database.query(sql`delete from lifecycle_lane where lane = ${lane}`);
  }

  async nextInMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>(sql`
      select (extract(epoch from min(due_at) - now()) * 1000)::float8 as ms from lifecycle_event where due_at > now()`);
    return row?.ms ?? undefined;
  }
}
