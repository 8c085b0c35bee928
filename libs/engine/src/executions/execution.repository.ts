import { Database, joined, type Query, sql } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { ExecutionFilter } from './execution-filter.js';
import type { Execution, ExecutionEnding, ExecutionStatus } from './execution.js';

export interface ExecutionRow {
  id: string;
  namespace: string;
  workflow: string;
  workflow_version_id: string;
  version: number;
  name: string;
  status: ExecutionStatus;
  input: Json;
  output: Json;
  error: string | null;
  cause: string | null;
  trigger_id: string | null;
  event_source: string | null;
  event_id: string | null;
  parent_execution_id: string | null;
  parent_task_id: string | null;
  depth: number;
  alias: string | null;
  machine: string;
  map_run_id: string | null;
  map_index: number | null;
  rerun_of: string | null;
  redrive_count: number;
  redriven_at: Date | null;
  started_at: Date;
  ended_at: Date | null;
  next_frame_id: number;
  next_history_id: number;
}

@Injectable()
export class ExecutionRepository {
  constructor(private readonly database: Database) {}

  /** False if the workflow has an execution of this name. */
  async insert(execution: Execution): Promise<boolean> {
    const { startedBy, parent } = execution;
    const rows = await this.database.query(sql`
      insert into execution (id, namespace, workflow, workflow_version_id, version, name, status, input,
                             trigger_id, event_source, event_id, alias, machine, map_run_id, map_index, rerun_of,
                             parent_execution_id, parent_task_id, depth, started_at)
      values (${execution.id}, ${execution.namespace}, ${execution.workflow}, ${execution.workflowVersionId},
              ${execution.version}, ${execution.name}, ${execution.status}, ${JSON.stringify(execution.input)},
              ${startedBy?.triggerId ?? null}, ${startedBy?.eventSource ?? null}, ${startedBy?.eventId ?? null},
              ${execution.alias ?? null}, ${execution.machine}, ${execution.mapRun?.id ?? null},
              ${execution.mapRun?.index ?? null}, ${execution.rerunOf ?? null},
              ${parent?.executionId ?? null}, ${parent?.taskId ?? null}, ${parent?.depth ?? 0}, ${execution.startedAt})
      on conflict (namespace, workflow, name) do nothing
      returning id`);
    return rows.length === 1;
  }

  async find(namespace: string, id: string): Promise<Execution | undefined> {
    const [row] = await this.database.query<ExecutionRow>(sql`
      select * from execution where id = ${id} and namespace = ${namespace}`);
    return row && toExecution(row);
  }

  async findByName(namespace: string, workflow: string, name: string): Promise<Execution | undefined> {
    const [row] = await this.database.query<ExecutionRow>(sql`
      select * from execution where namespace = ${namespace} and workflow = ${workflow} and name = ${name}`);
    return row && toExecution(row);
  }

  async list(namespace: string, filter: ExecutionFilter): Promise<Execution[]> {
    const order = sql`order by started_at desc, id desc limit ${filter.limit}`;
    const matching = joined(
      [sql`select * from execution where namespace = ${namespace}`, ...conditions(filter)],
      ' and ',
    );
    const rows = await this.database.query<ExecutionRow>(joined([matching, order], ' '));
    return rows.map(toExecution);
  }

  /** One transaction at a time works below an execution: whoever changes a frame, task or timer of it locks it first. */
  async lock(id: string): Promise<Execution | undefined> {
    const [row] = await this.database.query<ExecutionRow>(sql`select * from execution where id = ${id} for update`);
    return row && toExecution(row);
  }

  async saveCounters(id: string, nextFrameId: number, nextHistoryId: number): Promise<void> {
    await this.database.query(sql`
      update execution set next_frame_id = ${nextFrameId}, next_history_id = ${nextHistoryId} where id = ${id}`);
  }

  async end(id: string, { status, output, error, cause }: ExecutionEnding): Promise<void> {
    await this.database.query(sql`
      update execution
      set status = ${status}, output = ${output === undefined ? null : JSON.stringify(output)},
          error = ${error ?? null}, cause = ${cause ?? null}, ended_at = clock_timestamp()
      where id = ${id}`);
  }
}

/** Only what is asked for, so that Postgres plans each kind of list by the index that was made for it. */
function conditions(filter: ExecutionFilter): Query[] {
  const { workflow, status, namePrefix, triggerId, parent, mapRun, startedAfter, startedBefore, before } = filter;
  return [
    mapRun === undefined ? sql`map_run_id is null` : sql`map_run_id = ${mapRun}`,
    ...(workflow === undefined ? [] : [sql`workflow = ${workflow}`]),
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(namePrefix === undefined ? [] : [sql`starts_with(name, ${namePrefix})`]),
    ...(triggerId === undefined ? [] : [sql`trigger_id = ${triggerId}`]),
    ...(parent === undefined ? [] : [sql`parent_execution_id = ${parent}`]),
    ...(startedAfter === undefined ? [] : [sql`started_at >= ${startedAfter}`]),
    ...(startedBefore === undefined ? [] : [sql`started_at < ${startedBefore}`]),
    ...(before === undefined ? [] : [sql`(started_at, id) < (${before.startedAt}, ${before.id}::uuid)`]),
  ];
}

function toParent({ parent_execution_id: executionId, parent_task_id: taskId, depth }: ExecutionRow) {
  return executionId !== null && taskId !== null ? { executionId, taskId, depth } : undefined;
}

export function toExecution(row: ExecutionRow): Execution {
  const { trigger_id: triggerId, event_source: eventSource, event_id: eventId } = row;
  return {
    id: row.id,
    namespace: row.namespace,
    workflow: row.workflow,
    workflowVersionId: row.workflow_version_id,
    version: row.version,
    name: row.name,
    status: row.status,
    input: row.input,
    output: row.status === 'SUCCEEDED' ? row.output : undefined,
    error: row.error ?? undefined,
    cause: row.cause ?? undefined,
    parent: toParent(row),
    startedBy: triggerId && eventSource && eventId ? { triggerId, eventSource, eventId } : undefined,
    alias: row.alias ?? undefined,
    machine: row.machine,
    mapRun: row.map_run_id === null ? undefined : { id: row.map_run_id, index: row.map_index ?? 0 },
    rerunOf: row.rerun_of ?? undefined,
    redriveCount: row.redrive_count,
    redrivenAt: row.redriven_at ?? undefined,
    startedAt: row.started_at,
    endedAt: row.ended_at ?? undefined,
    nextFrameId: row.next_frame_id,
    nextHistoryId: row.next_history_id,
  };
}
