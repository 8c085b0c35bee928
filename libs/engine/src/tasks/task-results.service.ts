import { storableText } from '@app/common';
import type { Task } from '@app/queue';
import type { Json } from '@app/workflow';
import type { TaskResult } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { ReportedTasks } from './reported-tasks.js';
import { ResultValues } from './result-values.js';
import { TaskCompletionService } from './task-completion.service.js';
import { TaskOutputsService } from './task-outputs.service.js';
import { TaskUploadsService } from './task-uploads.service.js';

type Succeeded = Extract<TaskResult, { status: 'SUCCEEDED' }>;
type Failed = Exclude<TaskResult, Succeeded>;

/** The run whose result this one was spared for. */
export interface CachedFrom {
  readonly invocation: string;
  readonly execution?: string;
  readonly savedCpuMs: number;
}

const PUBLISH_LEASE_SECONDS = 60;

/** Takes what executors report, if they still may. */
@Injectable()
export class TaskResultsService {
  constructor(
    private readonly tasks: ReportedTasks,
    private readonly uploads: TaskUploadsService,
    private readonly outputs: TaskOutputsService,
    private readonly completion: TaskCompletionService,
    private readonly values: ResultValues,
  ) {}

  /** False if the attempt no longer holds the task: its result is not taken and its outputs are thrown away. */
  async accept(given: TaskResult): Promise<boolean> {
    const result = withFence(given);
    const task = await this.tasks.of(result);
    if (!task) return false;
    const taken = result.status === 'SUCCEEDED' ? await this.succeeded(task, result) : await this.failed(task, result);
    if (!taken) await this.tasks.saveReport(result);
    if (!taken || result.status !== 'SUCCEEDED') await this.uploads.abortAll(result);
    if (result.status === 'SUCCEEDED') await this.values.forget(result, result);
    if (taken) this.tasks.ended(task, result);
    return taken;
  }

  /** As `accept`, of a result that is known from an earlier run. */
  async acceptCached(result: Succeeded, cachedFrom: CachedFrom): Promise<boolean> {
    const task = await this.tasks.find(result);
    const taken = task !== undefined && (await this.succeeded(task, result, cachedFrom));
    if (!taken) await this.uploads.abortAll(result);
    return taken;
  }

  private async succeeded(task: Task, result: Succeeded, cachedFrom?: CachedFrom): Promise<boolean> {
    const taken = await this.values.take(task, result);
    const { id, attempt, usage } = result;
    if ('failure' in taken) return this.failed(task, { id, attempt, status: 'FAILED', ...taken.failure, usage });
    const { output } = taken;
    const cached = cachedFrom && { cachedFrom };
    if (result.outputs.length > 0) return this.succeededWithOutputs(task, result, { output, ...cached });
    const report = { usage, outputs: [], ...cached };
    const own = { ...task, output, report };
    await this.outputs.keep(own);
    return this.completion.settle(own, { status: 'SUCCEEDED', output, report }, { type: 'Succeeded', output });
  }

  private async succeededWithOutputs(
    task: Task,
    result: Succeeded,
    { output, ...cached }: { output: Json; cachedFrom?: CachedFrom },
  ): Promise<boolean> {
    const outputs = await this.uploads.describe(task, result.outputs);
    const report = { usage: result.usage, outputs, ...cached };
    const held = await this.completion.fenced(
      task,
      () => this.tasks.hold(result),
      async (locked) => {
        await this.uploads.filled(result, result.outputs);
        await this.completion.savePublishing(locked, { output, report }, PUBLISH_LEASE_SECONDS);
        return locked;
      },
    );
    if (held) await this.outputs.publish({ ...held, output, report });
    return held !== undefined;
  }

  private async failed(task: Task, { status, usage, attempt, ...failure }: Failed): Promise<boolean> {
    const error = storableText(failure.error);
    const cause = storableText(failure.cause);
    const own = { ...task, attempt };
    const report = { usage };
    const outcome = { type: 'Failed', failure: { error, cause } } as const;
    const isTaken = await this.completion.settle(own, { status, error, cause, report }, outcome);
    await this.outputs.notMade(own);
    return isTaken;
  }
}

/**
 * A record of a kill is only stored together with the end of the attempt's lease, or when the attempt had lost it
 * before: from then on nothing that the attempt says is taken.
 */
function withFence<Result extends TaskResult>(result: Result): Result {
  const { usage } = result;
  return usage.kill ? { ...result, usage: { ...usage, kill: { ...usage.kill, leaseFenced: true } } } : result;
}
