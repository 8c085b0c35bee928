import { type CallAnswer, FunctionsService, InvocationsService } from '@app/engine';
import { Injectable } from '@nestjs/common';
import { leftOut } from '../executions/large-value.js';
import type { InvocationView } from './invocations.dto.js';

type Task = Awaited<ReturnType<InvocationsService['get']>>;

/** What callers see of a task. Rows never leave the gateway as they are. */
@Injectable()
export class InvocationViews {
  constructor(
    private readonly functions: FunctionsService,
    private readonly invocations: InvocationsService,
  ) {}

  /** The newest runs of functions of one execution, oldest first. */
  async ofExecution(namespace: string, executionId: string, limit: number): Promise<InvocationView[]> {
    return (await this.all(await this.invocations.list(namespace, { executionId, limit }))).toReversed();
  }

  async of(task: Task): Promise<InvocationView> {
    const { waiter } = task;
    const version = await this.versionOf(task);
    return {
      id: task.id,
      function: version?.functionName ?? task.resource,
      ...(version && { version: version.version }),
      ...(waiter && { executionId: waiter.executionId, frameId: waiter.frameId }),
      ...(task.stateName && { stateName: task.stateName }),
      status: task.status,
      attempt: task.attempt,
      lane: task.lane ?? 'queue',
      ...inputOf(task),
      ...resultOf(task),
      ...(task.progress ? { progress: task.progress as NonNullable<InvocationView['progress']> } : {}),
      ...(task.report as Pick<InvocationView, 'usage' | 'outputs' | 'cachedFrom'> | undefined),
      ...(task.executorId && { executor: task.executorId }),
      createdAt: task.createdAt.toISOString(),
      ...(task.startedAt && { startedAt: task.startedAt.toISOString() }),
      ...(task.endedAt && { endedAt: task.endedAt.toISOString() }),
    };
  }

  all(tasks: readonly Task[]): Promise<InvocationView[]> {
    return Promise.all(tasks.map((task) => this.of(task)));
  }

  /** Undefined if the function was deleted since. */
  private async versionOf({ functionVersionId }: Task) {
    return functionVersionId ? this.functions.getVersion(functionVersionId).catch(() => undefined) : undefined;
  }
}

/** Of lists, large values are left out. */
const inputOf = ({ id, payload, payloadRef }: Task): Pick<InvocationView, 'input' | 'inputDetails'> =>
  payloadRef && payload === null
    ? { inputDetails: leftOut(payloadRef.bytes, `/v1/invocations/${id}`) }
    : { input: payload as NonNullable<InvocationView['input']> };

const outputOf = ({ id, output, outputRef }: Task): Pick<InvocationView, 'output' | 'outputDetails'> =>
  outputRef && output === undefined
    ? { outputDetails: leftOut(outputRef.bytes, `/v1/invocations/${id}`) }
    : { output: (output ?? null) as NonNullable<InvocationView['output']> };

/** `output` only of what succeeded: while outputs are still being published, the result is not out yet. */
export function resultOf(task: Task): Pick<InvocationView, 'output' | 'error' | 'cause'> {
  return {
    ...(task.status === 'SUCCEEDED' && outputOf(task)),
    ...(task.error !== undefined && { error: task.error }),
    ...(task.cause !== undefined && { cause: task.cause }),
  };
}

/** As an answer whose output is bytes. What has not ended is open, however far it is. */
export function bytesOf(task: Task): CallAnswer {
  const { id, status } = task;
  if (status === 'QUEUED' || status === 'RUNNING' || status === 'PUBLISHING') return { id, status };
  const { output, error, cause } = resultOf(task);
  return {
    id,
    status,
    ...(output !== undefined && { output: Buffer.from(JSON.stringify(output)) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}
