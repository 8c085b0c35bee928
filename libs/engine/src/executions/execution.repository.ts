import { Database, joined, type Query, sql } from '@app/common';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { ExecutionFilter } from './execution-filter.js';
import { ExecutionState } from './execution-state.js';
import type { Execution, ExecutionEnding, ExecutionRefs, ExecutionStatus } from './execution.js';
import { split } from '../payloads/payload-marks.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import type { Places } from './places.js';

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
  refs: ExecutionRefs | null;
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
  map_items: number | null;
  rerun_of: string | null;
  redrive_count: number;
  redriven_at: Date | null;
  started_at: Date;
  ended_at: Date | null;
}

/** As `ExecutionRow` has them: a value that stands in the history is not repeated in the row. */
const EXECUTION = sql`
  execution.*,
  case when execution.input_place is null then execution.input
       else stored_value(execution.id, execution.input_place) end as input,
  case when execution.output_place is null then execution.output
       else stored_value(execution.id, execution.output_place) end as output`;

@Injectable()
export class ExecutionRepository {
  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadsService,
  ) {}

  async find(namespace: string, id: string): Promise<Execution | undefined> {
    const [row] = await this.database.query<ExecutionRow>(sql`select ${EXECUTION} from execution where id = ${id}`);
    // Not in SQL: planned while the table is small, an index of the namespace would do as well as that of the key.
    return row?.namespace === namespace ? this.whole(row) : undefined;
  }

  /** As in a list: without values that are not in the row. */
  async findBare(namespace: string, id: string): Promise<Execution | undefined> {
    const [row] = await this.database.query<ExecutionRow>(sql`select ${EXECUTION} from execution where id = ${id}`);
    return row?.namespace === namespace ? toExecution(row) : undefined;
  }

  /** Those that there are, of all namespaces, without values that are not in the rows. */
  async listByIds(ids: readonly string[]): Promise<Execution[]> {
    const rows = await this.database.query<ExecutionRow>(
      sql`select ${EXECUTION} from execution where id = any(${ids}::uuid[])`,
    );
    return rows.map(toExecution);
  }

  async findByName(namespace: string, workflow: string, name: string): Promise<Execution | undefined> {
    const [row] = await this.database.query<ExecutionRow>(sql`
      select ${EXECUTION} from execution where namespace = ${namespace} and workflow = ${workflow} and name = ${name}`);
    return row && this.whole(row);
  }

  /** Values that are not in the rows are left out. */
  async list(namespace: string, filter: ExecutionFilter): Promise<Execution[]> {
    const { limit, mapRun } = filter;
    const order =
      mapRun === undefined
        ? sql`order by started_at desc, id desc limit ${limit}`
        : sql`order by map_index desc limit ${limit}`;
    const from =
      filter.status === 'RUNNING' && mapRun === undefined ? RUNNING : sql`select ${EXECUTION} from execution`;
    const inNamespace = joined([from, sql` where namespace = ${namespace}`], '');
    const matching = joined([inNamespace, ...conditions(filter)], ' and ');
    const rows = await this.database.query<ExecutionRow>(joined([matching, order], ' '));
    return rows.map(toExecution);
  }

  /**
   * One transaction at a time works below an execution: who changes a frame, task or timer of it holds its root frame.
   * In the order of the ids, so that no two wait for each other.
   */
  async lock(ids: readonly string[]): Promise<void> {
    await this.database.query(sql`
      select from frame where id = 0 and execution_id = any(${ids}::uuid[]) order by execution_id for update`);
  }

  /** Executions with what is counted for them. */
  async listStates(ids: readonly string[]): Promise<ExecutionState[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.query<ExecutionRow & CountersRow>(sql`
      select ${EXECUTION}, frame.revision, frame.next_frame_id, frame.next_history_id
      from execution join frame on frame.execution_id = execution.id and frame.id = 0
      where execution.id = any(${ids}::uuid[])`);
    return Promise.all(
      rows.map(async (row) => {
        const execution = await this.whole(row);
        return new ExecutionState(execution, row.revision, row.next_frame_id, row.next_history_id);
      }),
    );
  }

  /** With values that were left out. */
  async withValues(execution: Execution): Promise<Execution> {
    return { ...execution, ...(await this.payloads.loadAll(execution.refs, execution.namespace)) };
  }

  private whole(row: ExecutionRow): Promise<Execution> {
    return this.withValues(toExecution(row));
  }
}

interface CountersRow {
  revision: number;
  next_frame_id: number;
  next_history_id: number;
}

export interface Begun {
  readonly execution: Execution;
  readonly places: Places;
}

/** Of a status; what does not succeed is listed by an index of its own. */
const unsuccessful = ({ status }: { readonly status: string }): string | undefined =>
  status === 'RUNNING' || status === 'SUCCEEDED' ? undefined : status;

/** Parts of the statement that writes turns. An execution that is there already, by its name or by who started it, is left out. */
export function insertExecutions(begun: readonly Begun[], condition: Query): Query {
  const insert = sql`
    insert into execution (id, namespace, workflow, workflow_version_id, version, name, status, input, output, refs, input_place,
                           output_place, error, cause, trigger_id, event_source, event_id, alias, machine, map_run_id, map_index,
                           map_items, rerun_of, parent_execution_id, parent_task_id, depth, started_at, ended_at, unsuccessful)
    select id, namespace, workflow, workflow_version_id, version, name, status,
           case when input_place is null then coalesce(input, 'null') end, output, refs, input_place, output_place,
           error, cause, trigger_id, event_source, event_id, alias, machine, map_run_id, map_index,
           map_items, rerun_of, parent_execution_id, parent_task_id, depth, started_at, ended_at, unsuccessful
    from json_to_recordset(${JSON.stringify(begun.map(toRecord))}::json) as t(
      id uuid, namespace text, workflow text, workflow_version_id uuid, version integer, name text, status text,
      input json, output json, refs jsonb, input_place bigint, output_place bigint, error text, cause text, trigger_id uuid, event_source text, event_id text, alias text,
      machine text, map_run_id uuid, map_index integer, map_items integer, rerun_of uuid,
      parent_execution_id uuid, parent_task_id uuid, depth integer, started_at timestamptz, ended_at timestamptz, unsuccessful text)
    where `;
  return joined([insert, condition, sql` order by namespace, workflow, name on conflict do nothing returning id`], '');
}

/** What runs is found by its root frame: an index of the execution's status would be written to by every ending. */
const RUNNING = sql`
  with running as materialized (select execution_id from frame where id = 0 and status = 'RUNNING')
  select ${EXECUTION} from running join execution on execution.id = running.execution_id`;
export function endExecutions(endings: readonly EndedRecord[]): Query {
  return sql`
    update execution
    set status = t.status, unsuccessful = t.unsuccessful, output = t.output, output_place = t.output_place, error = t.error, cause = t.cause, ended_at = clock_timestamp(),
        refs = case when t.refs is null then execution.refs else coalesce(execution.refs, '{}') || t.refs end
    from json_to_recordset(${JSON.stringify(endings.map(toEndedRecord))}::json) as t(
      id uuid, status text, unsuccessful text, output json, refs jsonb, output_place bigint, error text, cause text)
    where execution.id = t.id`;
}

interface EndedRecord extends ExecutionEnding {
  readonly id: string;
  readonly namespace: string;
  readonly places: Places;
}

function toEndedRecord({ id, namespace, output, places, status, error, cause }: EndedRecord): Record<string, unknown> {
  const { values, refs } = split(namespace, { output });
  const place = places.of(values.output);
  return {
    id,
    status,
    unsuccessful: unsuccessful({ status }),
    output: place === undefined ? values.output : undefined,
    output_place: place,
    refs,
    error,
    cause,
  };
}

/** Only what is asked for, so that Postgres plans each kind of list by the index that was made for it. */
function conditions(filter: ExecutionFilter): Query[] {
  const { workflow, status, namePrefix, triggerId, parent, mapRun, startedAfter, startedBefore, before } = filter;
  return [
    mapRun === undefined ? sql`map_run_id is null` : sql`map_run_id = ${mapRun}`,
    ...(workflow === undefined ? [] : [sql`workflow = ${workflow}`]),
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    // For the index: what did not succeed, of which there is little.
    ...(status === undefined || status === 'RUNNING' || status === 'SUCCEEDED' ? [] : [sql`unsuccessful = ${status}`]),
    ...(namePrefix === undefined ? [] : [sql`starts_with(name, ${namePrefix})`]),
    ...(triggerId === undefined ? [] : [sql`trigger_id = ${triggerId}`]),
    ...(parent === undefined ? [] : [sql`parent_execution_id = ${parent}`]),
    ...(startedAfter === undefined ? [] : [sql`started_at >= ${startedAfter}`]),
    ...(startedBefore === undefined ? [] : [sql`started_at < ${startedBefore}`]),
    ...(before === undefined ? [] : [behind(before, mapRun)]),
  ];
}

/** The children of a map run begin in the order of their items, for which there is an index. */
function behind({ startedAt, id }: NonNullable<ExecutionFilter['before']>, mapRun: string | undefined): Query {
  return mapRun === undefined
    ? sql`(started_at, id) < (${startedAt}, ${id}::uuid)`
    : sql`map_index < (select map_index from execution where id = ${id}::uuid)`;
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
    refs: row.refs ?? undefined,
    input: row.input,
    output: row.status === 'SUCCEEDED' ? row.output : undefined,
    error: row.error ?? undefined,
    cause: row.cause ?? undefined,
    parent: toParent(row),
    startedBy: triggerId && eventSource && eventId ? { triggerId, eventSource, eventId } : undefined,
    alias: row.alias ?? undefined,
    machine: row.machine,
    mapRun: toMapRun(row),
    rerunOf: row.rerun_of ?? undefined,
    redriveCount: row.redrive_count,
    redrivenAt: row.redriven_at ?? undefined,
    startedAt: row.started_at,
    endedAt: row.ended_at ?? undefined,
  };
}

const toMapRun = ({ map_run_id: id, map_index: index, map_items: items }: ExecutionRow): Execution['mapRun'] =>
  id === null ? undefined : { id, index: index ?? 0, items: items ?? 1 };

function toRecord({ execution, places }: Begun): Record<string, unknown> {
  const { startedBy, mapRun, parent, input, output } = execution;
  const { values, refs } = split(execution.namespace, { input, output });
  const [inputPlace, outputPlace] = [places.of(values.input), places.of(values.output)];
  return {
    id: execution.id,
    namespace: execution.namespace,
    workflow: execution.workflow,
    workflow_version_id: execution.workflowVersionId,
    version: execution.version,
    name: execution.name,
    status: execution.status,
    input: inputPlace === undefined ? values.input : undefined,
    input_place: inputPlace,
    output: outputPlace === undefined ? values.output : undefined,
    output_place: outputPlace,
    refs,
    error: execution.error,
    cause: execution.cause,
    trigger_id: startedBy?.triggerId,
    event_source: startedBy?.eventSource,
    event_id: startedBy?.eventId,
    alias: execution.alias,
    machine: execution.machine,
    map_run_id: mapRun?.id,
    map_index: mapRun?.index,
    map_items: mapRun?.items,
    rerun_of: execution.rerunOf,
    parent_execution_id: parent?.executionId,
    parent_task_id: parent?.taskId,
    depth: parent?.depth ?? 0,
    started_at: execution.startedAt,
    ended_at: execution.endedAt,
    unsuccessful: unsuccessful(execution),
  };
}
