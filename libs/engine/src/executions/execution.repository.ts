import { Database, sql } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { Execution, ExecutionEnding, ExecutionStatus } from './execution.js';

interface ExecutionRow {
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
  started_at: Date;
  ended_at: Date | null;
  next_frame_id: number;
  next_history_id: number;
}

export interface ExecutionFilter {
  readonly workflow?: string;
  readonly status?: string;
  /** Only executions before this one in the list, newest first. */
  readonly before?: { readonly startedAt: Date; readonly id: string };
  readonly limit: number;
}

@Injectable()
export class ExecutionRepository {
  constructor(private readonly database: Database) {}

  /** False if the workflow has an execution of this name. */
  async insert(execution: Execution): Promise<boolean> {
    const { startedBy } = execution;
    const rows = await this.database.query(sql`
      insert into execution (id, namespace, workflow, workflow_version_id, version, name, status, input,
                             trigger_id, event_source, event_id, started_at)
      values (${execution.id}, ${execution.namespace}, ${execution.workflow}, ${execution.workflowVersionId},
              ${execution.version}, ${execution.name}, ${execution.status}, ${JSON.stringify(execution.input)},
              ${startedBy?.triggerId ?? null}, ${startedBy?.eventSource ?? null}, ${startedBy?.eventId ?? null},
              ${execution.startedAt})
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

  async list(namespace: string, { workflow, status, before, limit }: ExecutionFilter): Promise<Execution[]> {
    const rows = await this.database.query<ExecutionRow>(sql`
      select * from execution
      where namespace = ${namespace}
        and (${workflow ?? null}::text is null or workflow = ${workflow ?? null})
        and (${status ?? null}::text is null or status = ${status ?? null})
        and (${before?.id ?? null}::uuid is null
             or (started_at, id) < (${before?.startedAt ?? null}::timestamptz, ${before?.id ?? null}::uuid))
      order by started_at desc, id desc
      limit ${limit}`);
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

function toExecution(row: ExecutionRow): Execution {
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
    startedBy: triggerId && eventSource && eventId ? { triggerId, eventSource, eventId } : undefined,
    startedAt: row.started_at,
    endedAt: row.ended_at ?? undefined,
    nextFrameId: row.next_frame_id,
    nextHistoryId: row.next_history_id,
  };
}
