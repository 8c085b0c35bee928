import { type Query, sql } from '@app/common';
import type { Claim } from './task.js';

/** How long what another executor has ready is left to it. */
export const GRACE_SECONDS = 0.05;
/** Fetching an input takes longer than starting a process, so that it is worth a longer wait. */
const INPUT_GRACE_SECONDS = 0.5;
/** A task whose input is where it is claimed comes before others that have waited longer by no more than this. */
const LOCAL_SECONDS = 10;
/** Among so many more than are taken it is looked for. */
const WINDOW = 64;

/**
 * Locks the oldest due tasks of `lane`, a row with `namespace`, `lane` and `patience`, up to `limit`: their `id` and the
 * time that they count from. Who says nothing of inputs gets the plain query, which most queues need.
 */
export function dueTasks({ inputs = [], inputsOfOthers = [] }: Claim, limit: Query): Query {
  const columns = sql`task.id, task.input_key, task.run_at`;
  const isDue = sql`kind = 'function' and status in ('QUEUED', 'RUNNING')
          and task.namespace = lane.namespace and task.queue_lane = lane.lane
          and run_at <= now() - lane.patience and attempt < max_attempts${leftAlone(inputsOfOthers)}
        order by task.namespace, task.queue_lane, run_at`;
  if (inputs.length === 0)
    return sql`
        select task.id, run_at as counts_from from task
        where ${isDue}
        limit ${limit}
        for update skip locked`;
  return sql`
        select task.id, counts_from
        from (
          select ${columns},
                 run_at - make_interval(secs => case when input_key = any(${inputs}::bigint[]) then ${LOCAL_SECONDS}::real else 0 end)
                   as counts_from
          from (select ${columns} from task where ${isDue} limit ${limit} + ${WINDOW}::integer) task
        ) near join task using (id)
        -- Another claim may have been quicker: a row is looked at again once it is locked.
        where task.status in ('QUEUED', 'RUNNING') and task.attempt < task.max_attempts and task.run_at <= now()
        order by counts_from
        limit ${limit}
        for update of task skip locked`;
}

const leftAlone = (inputs: readonly string[]): Query =>
  inputs.length === 0
    ? sql``
    : sql` and (input_key is null or input_key <> all(${inputs}::bigint[]) or run_at <= now() - make_interval(secs => ${INPUT_GRACE_SECONDS}::real))`;
