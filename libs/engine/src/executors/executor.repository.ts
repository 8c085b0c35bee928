import { Database, sql } from '@app/common';
import type {
  Abilities,
  ExecutorUpdate,
  InputCacheUse,
  Instance,
  Progress,
  RegisterExecutor,
  Resources,
} from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { RESERVED } from '../placement/reservation.repository.js';
import type { Starving } from '../placement/reservations.js';
import { labelsOf } from '../placement/requirements.js';

/** What an executor says of itself. */
export interface Said {
  readonly free: Resources;
  readonly instances: readonly Instance[];
  readonly inputCache?: InputCacheUse | undefined;
}

/** What has to be known of an executor to give it tasks. */
export interface Known {
  readonly labels: string[];
  readonly isDraining: boolean;
  /** What it is being kept free for. */
  readonly reserved: Starving | null;
}

export interface ExecutorRecord {
  readonly id: string;
  readonly name: string;
  /** As configured: what its codecs are called is among its abilities. */
  readonly labels: string[];
  readonly abilities: Abilities;
  readonly drainingAt: Date | null;
  readonly leftAt: Date | null;
  readonly capacity: Resources;
  readonly version: string;
  readonly registeredAt: Date;
  readonly seenAt: Date;
  readonly running: number;
  /** By its own account, when it was last seen; absent until it has asked for work. */
  readonly free: Resources | null;
  readonly instances: Instance[];
  readonly inputCache: InputCacheUse | null;
  /** A task that it is being kept free for. */
  readonly reservedFor: string | null;
}

/** A task that an executor has in hand. */
export interface HeldTask {
  readonly id: string;
  readonly attempt: number;
  readonly executorId: string;
  readonly function: string;
  readonly executionId: string | null;
  readonly stateName: string | null;
  readonly progress: Progress | null;
  readonly startedAt: Date;
}

/** One that some executor holds, in whatever namespace: for measurements. */
export interface RunningTask extends Pick<HeldTask, 'id' | 'function' | 'progress' | 'startedAt'> {
  readonly executor: string;
  readonly namespace: string;
}

@Injectable()
export class ExecutorRepository {
  constructor(private readonly database: Database) {}

  async insert(id: string, executor: RegisterExecutor): Promise<void> {
    const { name, labels, capacity, version, tools = {}, abilities = {} } = executor;
    await this.database.query(sql`
      insert into executor (id, name, labels, declared_labels, capacity, abilities, version, tools)
      values (${id}, ${name}, ${[...labels, ...labelsOf(abilities)]}, ${labels}, ${JSON.stringify(capacity)}::jsonb,
              ${JSON.stringify(abilities)}::jsonb, ${version}, ${JSON.stringify(tools)}::jsonb)`);
  }

  /** False if nobody of this id has registered. */
  async save(id: string, { capacity, abilities = {} }: ExecutorUpdate): Promise<boolean> {
    const rows = await this.database.query(sql`
      update executor
      set capacity = ${JSON.stringify(capacity)}::jsonb, abilities = ${JSON.stringify(abilities)}::jsonb,
          labels = declared_labels || ${labelsOf(abilities)}::text[], seen_at = now()
      where id = ${id} returning id`);
    return rows.length > 0;
  }

  /** From now on it is given nothing. False if nobody of this id has registered. */
  async drain(id: string): Promise<boolean> {
    const rows = await this.database.query(sql`
      update executor set draining_at = coalesce(draining_at, now()) where id = ${id} returning id`);
    return rows.length > 0;
  }

  /** It has said that it goes: nobody waits for it any more. */
  async leave(id: string): Promise<void> {
    await this.database.query(sql`update executor set left_at = now() where id = ${id}`);
  }

  async isDraining(id: string): Promise<boolean> {
    const [row] = await this.database.query<{ draining: boolean }>(sql`
      select draining_at is not null as draining from executor where id = ${id}`);
    return row?.draining ?? false;
  }

  /** Notes that it was heard of; undefined if nobody of this id has registered. */
  async touch(id: string, { free, instances, inputCache }: Said): Promise<Known | undefined> {
    const [row] = await this.database.query<Known & Record<string, unknown>>(sql`
      update executor
      set seen_at = now(), free = ${JSON.stringify(free)}::jsonb, instances = ${JSON.stringify(instances)}::jsonb,
          input_cache = coalesce(${inputCache ? JSON.stringify(inputCache) : null}::jsonb, input_cache)
      where id = ${id} returning labels, draining_at is not null as "isDraining",
        ${RESERVED} as reserved`);
    return row;
  }

  async isKnown(id: string): Promise<boolean> {
    return (await this.database.query(sql`select from executor where id = ${id}`)).length > 0;
  }

  /** That take work now. */
  async count(seenWithinSeconds: number): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(sql`
      select count(*)::int as count from executor
      where seen_at > now() - make_interval(secs => ${seenWithinSeconds}) and draining_at is null and left_at is null`);
    return row?.count ?? 0;
  }

  /** Or only the one. */
  async list(seenWithinSeconds: number, id?: string): Promise<ExecutorRecord[]> {
    return this.database.query<ExecutorRecord & Record<string, unknown>>(sql`
      select id, name, declared_labels as labels, capacity, abilities, version, free, instances,
             input_cache as "inputCache", reserved_for as "reservedFor",
             registered_at as "registeredAt", seen_at as "seenAt", draining_at as "drainingAt", left_at as "leftAt",
             (select count(*)::int from task where task.executor_id = executor.id and task.status = 'RUNNING') as running
      from executor
      where seen_at > now() - make_interval(secs => ${seenWithinSeconds})
        and (${id ?? null}::uuid is null or id = ${id ?? null}::uuid)
      order by name, id`);
  }

  /** Those of a namespace, the oldest first; without an id those of all executors. */
  async listHeld(namespace: string, id?: string): Promise<HeldTask[]> {
    return this.database.query<HeldTask & Record<string, unknown>>(sql`
      select id, attempt, executor_id as "executorId", resource as function, execution_id as "executionId", state_name as "stateName", progress,
             started_at as "startedAt"
      from task
      where executor_id = coalesce(${id ?? null}::uuid, executor_id) and status = 'RUNNING' and namespace = ${namespace}
      order by started_at
      limit 1000`);
  }

  /** Of all executors and namespaces, the oldest first. */
  async listRunning(): Promise<RunningTask[]> {
    return this.database.query<RunningTask & Record<string, unknown>>(sql`
      select task.id, executor.name as executor, task.namespace, split_part(task.resource, ':', 1) as function, task.progress,
             task.started_at as "startedAt"
      from task join executor on executor.id = task.executor_id
      where task.status = 'RUNNING' and task.kind = 'function' and task.started_at is not null
      order by task.started_at
      limit 10000`);
  }

  /** Forgets executors that have been silent for long and hold nothing. */
  async deleteSilent(silentSeconds: number): Promise<void> {
    await this.database.query(sql`
      delete from executor
      where seen_at < now() - make_interval(secs => ${silentSeconds})
        and not exists (select from task where task.executor_id = executor.id and task.status = 'RUNNING')`);
  }
}
