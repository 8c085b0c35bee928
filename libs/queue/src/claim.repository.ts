import { joined, type Query, sql } from '@app/common';
import type { Claim } from './task.js';
import { dueTasks, GRACE_SECONDS } from './due-tasks.repository.js';
import { TASK } from './task.repository.js';
import type { TaskRow } from './task.row.js';

/** A lane: the namespace and the hash of what its tasks are and ask for. */
export interface Place {
  readonly namespace: string;
  readonly lane: string;
}

/** At least one row comes back; without an id if nothing was claimed. */
export type LanesRow = TaskRow & {
  readonly is_all: boolean;
  /** The next claim may try the cheaper statement. */
  readonly has_one: boolean;
  readonly next_namespace: string;
  readonly next_lane: string;
};

/** Lanes that one claim looks at. There are as many as functions and versions have tasks in the queue. */
const MAX_LANES = 256;
/** Among several lanes, at a time: what is compared grows with its square. */
const MAX_CLAIMED = 32;
/** What routers do: no lanes, no resources. */
export function claimForRouters({ kind, limit, leaseSeconds }: Claim): Query {
  return sql`
    with due as materialized (
      select id from task
      where kind = ${kind} and kind <> 'function' and status in ('QUEUED', 'RUNNING') and run_at <= now()
        and attempt < max_attempts
      order by priority desc, run_at
      limit ${limit}
      for update skip locked
    )
    update task
    set status = 'RUNNING', attempt = attempt + 1, progress = null, started_at = now(),
        run_at = now() + make_interval(secs => ${leaseSeconds})
    from due where task.id = due.id
    returning ${TASK}`;
}

/**
 * One statement that claims fairly, and looks only at what it may take:
 *
 *   head    the oldest task of each lane, found by jumping through the index from lane to lane
 *   fitting those that are due and fit what is free, with what they would rather have or without
 *   share   how many of each lane: whoever has the fewest running comes first, namespaces before functions
 *   locked  so many of the oldest tasks of each lane
 *   chosen  as many of them as fit together
 *   placed  of those that have a limit, as many as got a place below it
 *
 * With one lane nothing is counted and nothing compared. What is counted may have changed when it is claimed: that decides
 * about fairness only. Limits are held to by the places, which no two tasks have.
 */
export function claimLanes(wanted: Claim, place: Place): Query {
  const claim = { ...wanted, limit: Math.min(wanted.limit, MAX_CLAIMED) };
  const parts = [
    claim.onlyTask === undefined ? heads(place) : head(claim.onlyTask),
    fitting(claim),
    lanes(claim),
    shares(claim),
    locked(claim),
    chosen(claim),
    PLACED,
    claimed(claim),
  ];
  return joined([sql`with recursive`, joined(parts, ','), ANSWER], ' ');
}

/** As if there were no other lane. */
const head = (taskId: string): Query => sql` head as (
    select 1 as n, namespace, queue_lane as lane, resource, function_version_id, labels, memory_mb, vcpu, needs, priority, run_at
    from task where id = ${taskId} and kind = 'function' and status = 'QUEUED'
  )`;

function heads({ namespace, lane }: Place): Query {
  return sql` head as (
    (select 1 as n, namespace, queue_lane as lane, resource, function_version_id, labels, memory_mb, vcpu, needs, priority, run_at
     from task
     where kind = 'function' and status in ('QUEUED', 'RUNNING')
       and (namespace, queue_lane) > (${namespace}::text, ${lane}::bigint)
     order by namespace, queue_lane, run_at
     limit 1)
    union all
    select head.n + 1, next.*
    from head cross join lateral (
      select namespace, queue_lane as lane, resource, function_version_id, labels, memory_mb, vcpu, needs, priority, run_at
      from task
      where kind = 'function' and status in ('QUEUED', 'RUNNING') and (namespace, queue_lane) > (head.namespace, head.lane)
      order by namespace, queue_lane, run_at
      limit 1) next
    where head.n < ${MAX_LANES}
  )`;
}

function fitting({
  labels,
  memoryMb,
  vcpu,
  gpus = [],
  encoderSessions,
  diskMb = 0,
  diskShareMb = 0,
  ...claim
}: Claim): Query {
  const free = gpus.map(({ memoryMb: mb }) => mb);
  const whole = gpus.map(({ isWhole }) => isWhole);
  return sql` wish as materialized (
    select head.*, head.needs -> 'prefer' as devices, head.labels || array(
             select jsonb_array_elements_text(head.needs -> 'prefer' -> 'labels')) as all_labels,
           0::real as wait_seconds, true as is_preferred
    from head where head.needs ? 'prefer'
    union all
    select head.*, head.needs as devices, head.labels as all_labels,
           coalesce((head.needs -> 'prefer' ->> 'afterSeconds')::real, 0) as wait_seconds, false as is_preferred
    from head
  ), fitting as materialized (
    select distinct on (namespace, lane) namespace, lane, resource, memory_mb, vcpu, priority, is_preferred,
           (needs ->> 'maxConcurrency')::integer as max_concurrency, gpus, sessions, disk_mb, patience,
           coalesce(function_version_id = any(${claim.cached ?? []}::uuid[]), false) as is_cached,
           case when gpus = 0 then null when gpus > 1 then 1 else device_rooms end as gpu_tasks
    from (
      select wish.*, coalesce((devices ->> 'gpus')::integer, 0) as gpus,
             coalesce((devices ->> 'encoderSessions')::integer, 0) as sessions,
             coalesce((needs ->> 'diskMb')::integer, ${diskShareMb}::integer) as disk_mb,
             make_interval(secs => wait_seconds + case
               when function_version_id = any(${claim.leftToOthers ?? []}::uuid[]) then ${GRACE_SECONDS}::real else 0 end) as patience
      from wish
      where wish.all_labels <@ ${labels}::text[] and wish.memory_mb <= ${memoryMb} and wish.vcpu <= ${vcpu}::real
        and (${claim.only?.versionId ?? null}::uuid is null
             or wish.function_version_id = ${claim.only?.versionId ?? null}::uuid and wish.namespace = ${claim.only?.namespace ?? ''})
    ) given cross join lateral (
      select count(*)::integer as devices_fitting,
             coalesce(sum(case when devices ? 'gpuMemoryMb'
                               then mb / greatest((devices ->> 'gpuMemoryMb')::integer, 1) else 1 end), 0)::integer as device_rooms
      from unnest(${free}::integer[], ${whole}::boolean[]) as gpu(mb, is_whole)
      where case when devices ? 'gpuMemoryMb' then mb >= (devices ->> 'gpuMemoryMb')::integer else is_whole end
    ) room
    where run_at <= now() - patience and devices_fitting >= gpus and disk_mb <= ${diskMb}::integer
      and (sessions = 0 or sessions <= coalesce(${encoderSessions ?? null}::integer, 2147483647))
    order by namespace, lane, is_preferred desc
  )`;
}

/** Of those that need a GPU the first only: how many lanes together find room on devices is not a matter of sums. */
function lanes({ limit }: Claim): Query {
  return sql` limits as materialized (
    select fitting.*, quota.max_running,
           quota.max_running is not null or max_concurrency is not null as is_limited
    from fitting left join quota on quota.namespace = fitting.namespace
  ), busy as materialized (
    select namespace, resource, count(*)::integer as running,
           (count(*) - count(function_place))::integer as unnumbered_of_function,
           (count(*) - count(namespace_place))::integer as unnumbered_of_namespace
    from task
    where status = 'RUNNING' and kind = 'function' and (select count(*) > 1 or bool_or(is_limited) from limits)
    group by namespace, resource
  ), counted as materialized (
    select * from (
      -- Both sums in one pass: lanes bring nothing that runs, and what runs brings no lane.
      select both_of.*, sum(running) over (partition by namespace)::integer as of_namespace,
             sum(running) over (partition by namespace, resource)::integer as of_function
      from (
        select namespace, lane, resource, memory_mb, vcpu, priority, is_preferred, max_concurrency, gpus, sessions, disk_mb,
               patience, is_cached, gpu_tasks, max_running, 0 as running
        from limits
        where gpus = 0 or (namespace, lane) = (
          select namespace, lane from limits as other where other.gpus > 0 order by priority desc, random() limit 1)
        union all
        select namespace, null, resource, null, null, null, null, null, null, null, null, null, null, null, null, running
        from busy
      ) both_of
    ) summed
    where lane is not null
  ), lane as materialized (
    select * from (
      select counted.*, row_number() over (partition by namespace order by of_function, is_cached desc, random()) as turn
      from counted
      where of_function < coalesce(max_concurrency, 2147483647) and of_namespace < coalesce(max_running, 2147483647)
    ) in_turn
    order by priority desc, gpus > 0 desc, of_namespace + turn, random()
    limit ${limit}
  )`;
}

/** Slots go one by one to who has the fewest, what runs counted in. Code that is here already counts for half a task. */
function shares({ limit }: Claim): Query {
  return sql` share as materialized (
    select namespace, lane, count(*)::integer as share
    from (
      select namespace, lane
      from (
        select by_function.*, row_number() over (partition by namespace order by of_function + n, is_cached desc, random()) as m
        from (
          select lane.*, row_number() over (partition by namespace, resource order by i, random())
                           - case when is_cached then 0.5 else 0 end as n
          from lane cross join generate_series(1, ${limit}) as i
          where i <= coalesce(gpu_tasks, i)
        ) by_function
        where ceil(n) <= coalesce(max_concurrency - of_function, ceil(n))
      ) by_namespace
      where m <= coalesce(max_running - of_namespace, m)
      order by priority desc, gpus > 0 desc, of_namespace + m, random()
      limit ${limit}
    ) slot
    group by namespace, lane
  )`;
}

const locked = (claim: Claim): Query => sql` locked as materialized (
    select oldest.id, oldest.nth, lane.*
    from share join lane using (namespace, lane) cross join lateral (
      select due.id, row_number() over (order by due.counts_from) as nth
      from (${dueTasks(claim, sql`share.share`)}) due
    ) oldest
  )`;

function chosen({ limit, memoryMb, vcpu, encoderSessions, diskMb = 0 }: Claim): Query {
  return sql` chosen as materialized (
    select id, is_preferred, namespace, resource, max_concurrency, max_running,
           row_number() over (partition by namespace, resource, max_concurrency is null order by slots) as nth_of_function,
           row_number() over (partition by namespace order by slots) as nth_of_namespace
    from (
      select id, is_preferred, namespace, resource, max_concurrency, max_running, count(*) over taken as slots,
             sum(memory_mb) over taken as memory_mb, sum(vcpu) over taken as vcpu, sum(sessions) over taken as sessions,
             sum(disk_mb) over taken as disk_mb
      from locked
      window taken as (order by priority desc, gpus > 0 desc, of_namespace + nth, of_function, id)
    ) together
    where slots <= ${limit} and memory_mb <= ${memoryMb} and vcpu <= ${vcpu}::real
      and (disk_mb = 0 or disk_mb <= ${diskMb}::integer)
      and (sessions = 0 or sessions <= coalesce(${encoderSessions ?? null}::integer, 2147483647))
  )`;
}

/** Of two versions with limits of their own the lower one counts, for this claim. */
const PLACED = sql` function_place as materialized (
    select namespace, resource, place, row_number() over (partition by namespace, resource) as nth
    from (
      select namespace, resource, min(max_concurrency) as most, count(*)::integer as wanted
      from chosen where max_concurrency is not null group by namespace, resource
    ) wish left join busy using (namespace, resource)
    cross join lateral free_function_places(namespace, resource, most, coalesce(unnumbered_of_function, 0), wanted)
  ), namespace_place as materialized (
    select namespace, place, row_number() over (partition by namespace) as nth
    from (
      select namespace, max(max_running) as most, count(*)::integer as wanted,
             (select sum(unnumbered_of_namespace)::integer from busy where busy.namespace = chosen.namespace) as unnumbered
      from chosen where max_running is not null group by namespace
    ) wish cross join lateral free_namespace_places(namespace, null, most, coalesce(unnumbered, 0), wanted)
  ), placed as materialized (
    select id, is_preferred, function_place.place as function_place, namespace_place.place as namespace_place
    from chosen
    left join function_place on max_concurrency is not null and function_place.namespace = chosen.namespace
      and function_place.resource = chosen.resource and function_place.nth = nth_of_function
    left join namespace_place on namespace_place.namespace = chosen.namespace and namespace_place.nth = nth_of_namespace
    where (max_concurrency is null or function_place.place is not null)
      and (max_running is null or namespace_place.place is not null)
  )`;

function claimed({ executorId, leaseSeconds }: Claim): Query {
  return sql` claimed as (
    update task
    set status = 'RUNNING', attempt = attempt + 1, executor_id = ${executorId ?? null}::uuid, progress = null,
        run_at = now() + make_interval(secs => ${leaseSeconds}), started_at = now(), is_preferred = placed.is_preferred,
        function_place = placed.function_place, namespace_place = placed.namespace_place
    from placed where task.id = placed.id
    returning ${TASK}
  )`;
}

/** All there was: no lane had as many as it was asked for, and all of them fitted. */
const ANSWER = sql`
  select claimed.*, has_one, next_namespace, next_lane::text as next_lane,
         not is_limited and not is_cut and not is_shared and locked_count = (select count(*) from chosen) as is_all
  from (
    select coalesce((select bool_or(is_limited) from limits), false) as is_limited,
           coalesce((select max(n) from head), 0) >= 256 as is_cut,
           (select count(*) < 2 and coalesce(bool_and(needs is null), true) from head)
             and not exists (select from limits where is_limited) as has_one,
           coalesce((select namespace from head where n = 256), '') as next_namespace,
           coalesce((select lane from head where n = 256), 0) as next_lane,
           (select count(*) from locked) as locked_count,
           exists (select from share where share.share <= (
             select count(*) from locked where locked.namespace = share.namespace and locked.lane = share.lane))
             or (select count(*) from counted) > (select count(*) from share) as is_shared
  ) whole left join claimed on true`;
