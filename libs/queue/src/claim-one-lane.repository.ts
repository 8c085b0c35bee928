import { type Query, sql } from '@app/common';
import type { Claim } from './task.js';
import { dueTasks, GRACE_SECONDS } from './due-tasks.repository.js';
import { TASK } from './task.repository.js';
import type { TaskRow } from './task.row.js';

/** At least one row comes back; without an id if nothing was claimed. */
export type OneLaneRow = TaskRow & {
  /** False: there is more than this statement can decide, and it took nothing. */
  readonly is_alone: boolean;
  readonly room: number;
};

/**
 * The claim of a queue that has tasks of one function only, which ask for nothing special and have no limit: what then
 * fits is a matter of division. It takes a good half of the time of the one that compares lanes.
 */
export function claimOneLane(claim: Claim): Query {
  const { labels, memoryMb, vcpu, executorId, leaseSeconds, leftToOthers = [], diskMb = 0, diskShareMb = 0 } = claim;
  const limit = diskShareMb > 0 ? Math.min(claim.limit, Math.floor(diskMb / diskShareMb)) : claim.limit;
  return sql`
    with first as materialized (
      select namespace, queue_lane as lane, labels, memory_mb, vcpu, needs, function_version_id from task
      where kind = 'function' and status in ('QUEUED', 'RUNNING')
      order by namespace, queue_lane, run_at
      limit 1
    ), alone as materialized (
      select first.*,
             least(${limit}::integer, floor(${memoryMb}::real / greatest(memory_mb, 1)),
                   floor((${vcpu}::real + 0.00001) / greatest(vcpu, 0.001)))::integer as room,
             make_interval(secs => case
               when function_version_id = any(${leftToOthers}::uuid[]) then ${GRACE_SECONDS}::real else 0 end) as patience,
             needs is null
               and not exists (select from quota where quota.namespace = first.namespace and max_running is not null)
               and (
                 select true from task
                 where kind = 'function' and status in ('QUEUED', 'RUNNING')
                   and (task.namespace, task.queue_lane) > (first.namespace, first.lane)
                 order by task.namespace, task.queue_lane, run_at -- Or the planner would rather read all of them.
                 limit 1) is null as is_alone
      from first
    ), due as materialized (
      select oldest.id
      from alone as lane cross join lateral (${dueTasks(claim, sql`lane.room`)}) oldest
      where is_alone and room > 0 and lane.labels <@ ${labels}::text[]
    ), claimed as (
      update task
      set status = 'RUNNING', attempt = attempt + 1, executor_id = ${executorId ?? null}::uuid, progress = null,
          run_at = now() + make_interval(secs => ${leaseSeconds}), started_at = now(),
          function_place = null, namespace_place = null
      from due where task.id = due.id
      returning ${TASK}
    )
    select claimed.*, coalesce((select is_alone from alone), true) as is_alone, coalesce((select room from alone), 1) as room
    from (select) as answer left join claimed on true`;
}
