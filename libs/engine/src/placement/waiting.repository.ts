import { Database, sql } from '@app/common';
import { Injectable } from '@nestjs/common';
import type { Place } from './why-waiting.js';

export interface WaitFacts {
  readonly since: Date;
  readonly waitedSeconds: number;
  readonly dueInSeconds: number;
  /** Tasks of the same function and needs that come before it; counted to 10,000. */
  readonly ahead: number;
  readonly ofFunction: number;
  readonly ofNamespace: number;
  readonly maxRunning: number | null;
  /** The executor that is being kept free for it. */
  readonly keptFree: string | null;
  readonly sameWorkAs: string | null;
}

const SEEN_SECONDS = 60;

/** What there is to know of a task that waits. */
@Injectable()
export class WaitingRepository {
  constructor(private readonly database: Database) {}

  /** Undefined if it does not wait (any more). */
  async find(taskId: string): Promise<WaitFacts | undefined> {
    const [facts] = await this.database.query<WaitFacts & Record<string, unknown>>(sql`
      select run_at as since, greatest(extract(epoch from now() - run_at), 0)::real as "waitedSeconds",
             greatest(extract(epoch from run_at - now()), 0)::real as "dueInSeconds",
             (select count(*)::integer from (
                select from task as other
                where other.kind = 'function' and other.status in ('QUEUED', 'RUNNING') and other.namespace = task.namespace
                  and other.queue_lane = task.queue_lane and other.run_at < least(task.run_at, now())
                limit 10000) before) as ahead,
             (select count(*)::integer from task as other
              where other.status = 'RUNNING' and other.kind = 'function' and other.namespace = task.namespace
                and other.resource = task.resource) as "ofFunction",
             (select count(*)::integer from task as other
              where other.status = 'RUNNING' and other.kind = 'function' and other.namespace = task.namespace) as "ofNamespace",
             (select max_running from quota where quota.namespace = task.namespace) as "maxRunning",
             (select name from executor where reserved_for = task.id limit 1) as "keptFree",
             (select leader_id from result_cache_wait where task_id = task.id) as "sameWorkAs"
      from task where id = ${taskId} and status = 'QUEUED' and kind = 'function'`);
    return facts;
  }

  /** Executors that were heard of lately. */
  async listPlaces(): Promise<Place[]> {
    return this.database.query<Place & Record<string, unknown>>(sql`
      select name, labels, capacity, free, draining_at is not null as "isDraining"
      from executor
      where seen_at > now() - make_interval(secs => ${SEEN_SECONDS}) and left_at is null`);
  }
}
