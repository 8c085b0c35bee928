import type { Needs, ResultShape, Task, TaskKind, TaskStatus, ValueRef } from './task.js';

/** A row of the table `task`, as pg gives it. */
export interface TaskRow {
  id: string;
  namespace: string;
  kind: TaskKind;
  execution_id: string | null;
  frame_id: number | null;
  step: number | null;
  state_name: string | null;
  resource: string;
  function_version_id: string | null;
  payload: unknown;
  refs: { payload?: ValueRef; output?: ValueRef } | null;
  result_shape: ResultShape;
  labels: string[];
  memory_mb: number;
  vcpu: number;
  needs: Needs | null;
  is_preferred: boolean;
  status: TaskStatus;
  attempt: number;
  timeout_seconds: number;
  executor_id: string | null;
  token_hash: string | null;
  heartbeat_seconds: number | null;
  skip_cache: boolean;
  client_context: string | null;
  worker_name: string | null;
  progress: unknown;
  output: unknown;
  error: string | null;
  cause: string | null;
  report: unknown;
  asynchronous: boolean;
  lane: 'fast' | null;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
}

export function toTask(row: TaskRow): Task {
  const { execution_id: executionId, frame_id: frameId, step } = row;
  return {
    id: row.id,
    attempt: row.attempt,
    namespace: row.namespace,
    kind: row.kind,
    waiter: executionId === null ? undefined : { executionId, frameId: frameId ?? 0, step: step ?? 0 },
    stateName: row.state_name ?? undefined,
    resource: row.resource,
    functionVersionId: row.function_version_id ?? undefined,
    payload: row.payload,
    payloadRef: row.refs?.payload,
    outputRef: row.refs?.output,
    resultShape: row.result_shape,
    labels: row.labels,
    memoryMb: row.memory_mb,
    vcpu: row.vcpu,
    ...(row.needs && { needs: row.needs }),
    isPreferred: row.is_preferred,
    status: row.status,
    timeoutSeconds: row.timeout_seconds,
    executorId: row.executor_id ?? undefined,
    tokenHash: row.token_hash ?? undefined,
    heartbeatSeconds: row.heartbeat_seconds ?? undefined,
    skipCache: row.skip_cache,
    ...(row.client_context !== null && { clientContext: row.client_context }),
    workerName: row.worker_name ?? undefined,
    progress: row.progress ?? undefined,
    output: row.output ?? undefined,
    error: row.error ?? undefined,
    cause: row.cause ?? undefined,
    report: row.report ?? undefined,
    asynchronous: row.asynchronous,
    lane: row.lane ?? undefined,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
  };
}
