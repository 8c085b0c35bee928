import { Injectable, Logger } from '@nestjs/common';
import { ObjectTransfers } from '@app/object-store';
import { devicesOf, type Task } from '@app/queue';
import type { Failure, Json } from '@app/workflow';
import type { Assignment } from '@app/worker-api';
import { FunctionVersionNotFound } from '../functions/functions.errors.js';
import { FunctionsService } from '../functions/functions.service.js';
import { type ObjectReference, objectReferences } from '../functions/object-references.js';
import { CachedResultsService } from '../result-cache/cached-results.service.js';
import { StoredTasks } from '../tasks/stored-tasks.js';
import { TaskCompletionService } from '../tasks/task-completion.service.js';

/** An input's address outlives the longest download that is worth waiting for. */
const URL_SECONDS = 6 * 3_600;

/** Makes of a claimed task what an executor needs to run it: everything, and no credentials. */
@Injectable()
export class AssignmentsService {
  private readonly logger = new Logger(AssignmentsService.name);

  constructor(
    private readonly functions: FunctionsService,
    private readonly transfers: ObjectTransfers,
    private readonly tasks: StoredTasks,
    private readonly completion: TaskCompletionService,
    private readonly cached: CachedResultsService,
  ) {}

  /** Without those that need no executor. `executors` is how many there are. */
  async assignAll(executorId: string, claimed: readonly Task[], executors: number): Promise<Assignment[]> {
    const tasks = await this.cached.serve(executorId, claimed);
    const assigned = (await Promise.all(tasks.map((task) => this.assign(task, executors)))).filter((one) => !!one);
    const begun = new Set(assigned.map(({ id }) => id));
    await this.tasks.begun(tasks.filter(({ id }) => begun.has(id)));
    return assigned;
  }

  private async assign(task: Task, executors: number): Promise<Assignment | undefined> {
    const version = await this.functions.getVersion(task.functionVersionId ?? '').catch(absent);
    if (!version)
      return this.refuse(task, { error: 'Function.NotFound', cause: `The function ${task.resource} was deleted` });
    const { config } = version;
    const names = config.inputs ?? config.outputs;
    const { payload } = names ? await this.tasks.whole(task) : task;
    const references = objectReferences(config, payload as Json);
    if ('error' in references) return this.refuse(task, references);
    // A large one is fetched by the executor.
    const url = await this.tasks.payloadUrl(task, URL_SECONDS);
    const { id, attempt, timeoutSeconds, memoryMb, vcpu, namespace, stateName, waiter, clientContext } = task;
    return {
      id,
      attempt,
      function: {
        name: version.functionName,
        version: version.version,
        versionId: version.id,
        runtime: config.runtime,
        codeDigest: version.codeDigest,
        handler: config.handler,
        command: config.command,
        environment: config.environment ?? {},
        memoryMb,
        network: config.network,
        instanceConcurrency: config.instanceConcurrency,
        stallSeconds: config.stallSeconds,
      },
      timeoutSeconds,
      payload: url === undefined ? (task.payload as Json) : null,
      payloadUrl: url,
      resources: { memoryMb, vcpu, ...given(task) },
      inputs: await Promise.all(references.inputs.map((input) => this.readable(input))),
      outputs: [...references.outputs],
      context: { namespace, stateName, executionId: waiter?.executionId, executors, clientContext },
    };
  }

  private async readable({ name, bucket, key }: ObjectReference) {
    return { name, bucket, key, url: await this.transfers.presignGet({ bucket, key }, URL_SECONDS) };
  }

  private async refuse(task: Task, failure: Failure): Promise<undefined> {
    this.logger.warn(`Task ${task.id} cannot be assigned: ${failure.cause}`);
    await this.completion.fenced(
      task,
      () => this.tasks.hold(task),
      (held) => this.completion.fail(held, failure, { status: 'FAILED' }),
    );
  }
}

/** Of what it would rather have and what it needs: what it got. */
function given(task: Task): Partial<Assignment['resources']> {
  const { gpus, gpuMemoryMb, encoderSessions } = devicesOf(task) ?? {};
  const diskMb = task.needs?.diskMb;
  return {
    ...(gpus && { gpus }),
    ...(gpuMemoryMb && { gpuMemoryMb }),
    ...(encoderSessions && { encoderSessions }),
    ...(diskMb && { diskMb }),
  };
}

function absent(error: unknown): undefined {
  if (!(error instanceof FunctionVersionNotFound)) throw error;
}
