import { Database, type Query, sql } from '@app/common';
import type { Needs } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { Candidate, NewReservation, Starving } from './reservations.js';

interface StarvingRow extends Record<string, unknown> {
  readonly id: string;
  readonly labels: string[];
  readonly memory_mb: number;
  readonly vcpu: number;
  readonly needs: Needs | null;
}

const SEEN_SECONDS = 30;
/** Any number, as long as nobody else uses it. */
const LOCK = 7_310_986;
/** As a claim looks at them. */
const MAX_LANES = 256;
const MAX_STARVING = 32;

/** Of a row of "executor": the task that it is being kept free for, as long as that waits. */
export const RESERVED: Query = sql`
  (select jsonb_strip_nulls(jsonb_build_object('id', task.id, 'labels', task.labels, 'memoryMb', task.memory_mb,
                                               'vcpu', task.vcpu, 'needs', task.needs))
   from task where task.id = executor.reserved_for and task.status = 'QUEUED')`;

/** Executors that are being kept free for tasks that have waited long. */
@Injectable()
export class ReservationRepository {
  constructor(private readonly database: Database) {}

  /** Until the end of the transaction. False if somebody else is at it. */
  async lock(): Promise<boolean> {
    const [row] = await this.database.query<{ isLocked: boolean }>(sql`
      select pg_try_advisory_xact_lock(${LOCK}) as "isLocked"`);
    return row?.isLocked ?? false;
  }

  /** The first of each lane that has waited for so long, the longest waiting first. */
  async listStarving(afterSeconds: number): Promise<Starving[]> {
    const rows = await this.database.query<StarvingRow>(sql`
      with recursive head as (
        (select 1 as n, namespace, queue_lane as lane, id, status, run_at, labels, memory_mb, vcpu, needs, resource from task
         where kind = 'function' and status in ('QUEUED', 'RUNNING')
         order by namespace, queue_lane, run_at limit 1)
        union all
        select head.n + 1, next.* from head cross join lateral (
          select namespace, queue_lane as lane, id, status, run_at, labels, memory_mb, vcpu, needs, resource from task
          where kind = 'function' and status in ('QUEUED', 'RUNNING') and (namespace, queue_lane) > (head.namespace, head.lane)
          order by namespace, queue_lane, run_at limit 1) next
        where head.n < ${MAX_LANES}
      ), due as (
        select * from head where status = 'QUEUED' and run_at < now() - make_interval(secs => ${afterSeconds})
      ), busy as materialized (
        select namespace, resource, count(*)::integer as running from task
        where status = 'RUNNING' and kind = 'function' and exists (select from due)
        group by namespace, resource
      )
      select id, labels, memory_mb, vcpu, needs
      from due left join quota using (namespace)
      -- What a limit holds up no room helps.
      where coalesce((select sum(running) from busy where busy.namespace = due.namespace), 0)
              < coalesce(max_running, 2147483647)
        and coalesce((select running from busy where busy.namespace = due.namespace and busy.resource = due.resource), 0)
              < coalesce((needs ->> 'maxConcurrency')::integer, 2147483647)
      order by run_at
      limit ${MAX_STARVING}`);
    return rows.map(({ id, labels, memory_mb: memoryMb, vcpu, needs }) => ({
      id,
      labels,
      memoryMb,
      vcpu,
      ...(needs && { needs }),
    }));
  }

  /** That take work now. */
  async listCandidates(): Promise<Candidate[]> {
    return this.database.query<Candidate & Record<string, unknown>>(sql`
      select id, labels, capacity, free, reserved_for as "reservedFor"
      from executor
      where seen_at > now() - make_interval(secs => ${SEEN_SECONDS}) and draining_at is null and left_at is null`);
  }

  async find(executorId: string): Promise<Starving | undefined> {
    const [row] = await this.database.query<{ reserved: Starving | null }>(sql`
      select ${RESERVED} as reserved from executor where id = ${executorId}`);
    return row?.reserved ?? undefined;
  }

  async save({ executorId, taskId }: NewReservation): Promise<void> {
    await this.database.query(sql`
      update executor set reserved_for = ${taskId}, reserved_at = now() where id = ${executorId}`);
  }

  /** Of tasks that wait no more, and of executors that are gone. */
  async deleteEnded(): Promise<void> {
    await this.database.query(sql`
      update executor set reserved_for = null, reserved_at = null
      where reserved_for is not null
        and (not exists (select from task where task.id = reserved_for and task.status = 'QUEUED')
             or draining_at is not null or left_at is not null
             or seen_at < now() - make_interval(secs => ${SEEN_SECONDS}))`);
  }
}
