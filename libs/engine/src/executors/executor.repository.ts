import { Database, sql } from '@app/common';
import type { ExecutorUpdate, Instance, Progress, RegisterExecutor, Resources } from '@app/worker-api';
import { Injectable } from '@nestjs/common';

/** What an executor says of itself. */
export interface Said {
  readonly free: Resources;
  readonly instances: readonly Instance[];
}

export interface ExecutorRecord {
  readonly id: string;
  readonly name: string;
  readonly labels: string[];
  readonly capacity: Resources;
  readonly version: string;
  readonly registeredAt: Date;
  readonly seenAt: Date;
  readonly running: number;
  /** By its own account, when it was last seen; absent until it has asked for work. */
  readonly free: Resources | null;
  readonly instances: Instance[];
}

/** A task that an executor has in hand. */
export interface HeldTask {
  readonly id: string;
  readonly attempt: number;
  readonly function: string;
  readonly executionId: string | null;
  readonly stateName: string | null;
  readonly progress: Progress | null;
  readonly startedAt: Date;
}

@Injectable()
export class ExecutorRepository {
  constructor(private readonly database: Database) {}

  async insert(id: string, { name, labels, capacity, version, tools }: RegisterExecutor): Promise<void> {
    await this.database.query(sql`
      insert into executor (id, name, labels, capacity, version, tools)
      values (${id}, ${name}, ${labels}, ${JSON.stringify(capacity)}::jsonb, ${version}, ${JSON.stringify(tools ?? {})}::jsonb)`);
  }

  /** False if nobody of this id has registered. */
  async save(id: string, { capacity }: ExecutorUpdate): Promise<boolean> {
    const rows = await this.database.query(sql`
      update executor set capacity = ${JSON.stringify(capacity)}::jsonb, seen_at = now() where id = ${id} returning id`);
    return rows.length > 0;
  }

  /** Notes that it was heard of; gives its labels, or undefined if nobody of this id has registered. */
  async touch(id: string, { free, instances }: Said): Promise<string[] | undefined> {
    const [row] = await this.database.query<{ labels: string[] }>(sql`
      update executor
      set seen_at = now(), free = ${JSON.stringify(free)}::jsonb, instances = ${JSON.stringify(instances)}::jsonb
      where id = ${id} returning labels`);
    return row?.labels;
  }

  async isKnown(id: string): Promise<boolean> {
    return (await this.database.query(sql`select from executor where id = ${id}`)).length > 0;
  }

  /** Or only the one. */
  async list(seenWithinSeconds: number, id?: string): Promise<ExecutorRecord[]> {
    return this.database.query<ExecutorRecord & Record<string, unknown>>(sql`
      select id, name, labels, capacity, version, free, instances, registered_at as "registeredAt", seen_at as "seenAt",
             (select count(*)::int from task where task.executor_id = executor.id and task.status = 'RUNNING') as running
      from executor
      where seen_at > now() - make_interval(secs => ${seenWithinSeconds})
        and (${id ?? null}::uuid is null or id = ${id ?? null}::uuid)
      order by name, id`);
  }

  /** Those of a namespace, the oldest first. */
  async listHeld(id: string, namespace: string): Promise<HeldTask[]> {
    return this.database.query<HeldTask & Record<string, unknown>>(sql`
      select id, attempt, resource as function, execution_id as "executionId", state_name as "stateName", progress,
             started_at as "startedAt"
      from task
      where executor_id = ${id} and status = 'RUNNING' and namespace = ${namespace}
      order by started_at
      limit 1000`);
  }

  /** Forgets executors that have been silent for long and hold nothing. */
  async deleteSilent(silentSeconds: number): Promise<void> {
    await this.database.query(sql`
      delete from executor
      where seen_at < now() - make_interval(secs => ${silentSeconds})
        and not exists (select from task where task.executor_id = executor.id and task.status = 'RUNNING')`);
  }
}
