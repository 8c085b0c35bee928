import { isStorable, storableText } from '@app/common';
import { Injectable } from '@nestjs/common';
import { type Task, TaskRepository } from '@app/queue';
import { type Json, resultTooLarge } from '@app/workflow';
import type { TaskResult } from '@app/worker-api';
import { KnownTasks } from './known-tasks.js';
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

/** AWS Step Functions' quota for a state's output: 262,144 bytes of UTF-8. */
const MAX_OUTPUT_BYTES = 262_144;
const PUBLISH_LEASE_SECONDS = 60;

/** Takes what executors report, if they still may. */
@Injectable()
export class TaskResultsService {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly uploads: TaskUploadsService,
    private readonly outputs: TaskOutputsService,
    private readonly completion: TaskCompletionService,
    private readonly known: KnownTasks,
  ) {}

  /** False if the attempt no longer holds the task: its result is not taken and its outputs are thrown away. */
  async accept(given: TaskResult): Promise<boolean> {
    const result = withFence(given);
    const task = await this.taskOf(result);
    if (!task) return false;
    const taken = result.status === 'SUCCEEDED' ? await this.succeeded(task, result) : await this.failed(task, result);
    if (!taken) await this.tasks.saveReport(result, { usage: result.usage });
    if (!taken || result.status !== 'SUCCEEDED') await this.uploads.abortAll(result);
    return taken;
  }

  /** As `accept`, of a result that is known from an earlier run. */
  async acceptCached(result: Succeeded, cachedFrom: CachedFrom): Promise<boolean> {
    const task = await this.tasks.find(result.id);
    const own = task && { ...task, attempt: result.attempt };
    const taken = own !== undefined && (await this.succeeded(own, result, cachedFrom));
    if (!taken) await this.uploads.abortAll(result);
    return taken;
  }

  private async succeeded(task: Task, result: Succeeded, cachedFrom?: CachedFrom): Promise<boolean> {
    const bytes = Buffer.byteLength(JSON.stringify(result.output));
    if (bytes > MAX_OUTPUT_BYTES) return this.tooLarge(task, result, bytes);
    if (!isStorable(result.output)) return this.refuseOutput(task, result);
    if (result.outputs.length > 0) return this.succeededWithOutputs(task, result, cachedFrom);
    const output = result.output as Json;
    const report = { usage: result.usage, outputs: [], ...(cachedFrom && { cachedFrom }) };
    const own = { ...task, output, report };
    await this.outputs.keep(own);
    return this.completion.settle(own, { status: 'SUCCEEDED', output, report }, { type: 'Succeeded', output });
  }

  private async succeededWithOutputs(task: Task, result: Succeeded, cachedFrom?: CachedFrom): Promise<boolean> {
    const outputs = await this.uploads.describe(task, result.outputs);
    const report = { usage: result.usage, outputs, ...(cachedFrom && { cachedFrom }) };
    const held = await this.completion.fenced(
      task,
      () => this.tasks.hold(result),
      async (locked) => {
        await this.uploads.filled(result, result.outputs);
        await this.tasks.savePublishing(result, result.output, report, PUBLISH_LEASE_SECONDS);
        return locked;
      },
    );
    if (held) await this.outputs.publish({ ...held, output: result.output, report });
    return held !== undefined;
  }

  private async failed(task: Task, { status, usage, attempt, ...failure }: Failed): Promise<boolean> {
    const error = storableText(failure.error);
    const cause = storableText(failure.cause);
    const own = { ...task, attempt };
    const report = { usage };
    return this.completion.settle(own, { status, error, cause, report }, { type: 'Failed', failure: { error, cause } });
  }

  /** Undefined if there is none. Its payload may be missing, unless the result has outputs. */
  private async taskOf(result: TaskResult): Promise<Task | undefined> {
    const known = this.known.take(result);
    if (known && (result.status !== 'SUCCEEDED' || result.outputs.length === 0)) return known;
    const task = await this.tasks.find(result.id);
    return task && { ...task, attempt: result.attempt };
  }

  private async refuseOutput(task: Task, { id, attempt, usage }: Succeeded): Promise<boolean> {
    const cause =
      "The function's result has a string with a NUL character or half of a surrogate pair, which cannot be stored";
    return this.failed(task, { id, attempt, status: 'FAILED', error: 'Function.InvalidResponse', cause, usage });
  }

  private async tooLarge(task: Task, { id, attempt, usage }: Succeeded, bytes: number): Promise<boolean> {
    const own = `The function's result is ${bytes} bytes long; at most ${MAX_OUTPUT_BYTES} are allowed`;
    const worker = task.resultShape === 'lambda' ? 'lambda' : `function:${task.resource}`;
    const cause = task.waiter ? resultTooLarge(worker) : own;
    return this.failed(task, { id, attempt, status: 'FAILED', error: 'States.DataLimitExceeded', cause, usage });
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
