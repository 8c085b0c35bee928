import { Logger, Injectable } from '@nestjs/common';
import { AppError } from '@app/common';
import { type Task, TaskQueueRepository, TaskRepository } from '@app/queue';
import type { Json } from '@app/workflow';
import type { CachedObject } from '../result-cache/result-cache.repository.js';
import { ResultCacheService } from '../result-cache/result-cache.service.js';
import { TaskCompletionService } from './task-completion.service.js';
import { UploadCompletionService } from './upload-completion.service.js';

const PUBLISH_LEASE_SECONDS = 60;

interface Report {
  readonly usage?: { readonly cpuMs?: number; readonly wallMs: number };
  readonly cachedFrom?: unknown;
}

/**
 * Outputs are multipart uploads to their final keys. They are completed, and so become visible, only after the
 * attempt's success was accepted under the fence; whatever else is aborted. No partial object can ever be seen.
 */
@Injectable()
export class TaskOutputsService {
  private readonly logger = new Logger(TaskOutputsService.name);

  constructor(
    private readonly tasks: TaskRepository,
    private readonly queue: TaskQueueRepository,
    private readonly uploads: UploadCompletionService,
    private readonly completion: TaskCompletionService,
    private readonly cache: ResultCacheService,
  ) {}

  /** Makes the outputs of a succeeded task visible and ends it. May be done again after a crash at any point. */
  async publish(task: Task): Promise<void> {
    let made: CachedObject[];
    try {
      made = await this.uploads.completeAll(task);
    } catch (error) {
      if (error instanceof AppError && !error.retryable) return this.fail(task, error);
      throw error; // The store is away: the task stays as it is, and a router tries again.
    }
    const { output = null } = task.outputRef ? await this.completion.whole(task) : task;
    await this.keep({ ...task, output }, made);
    await this.completion.fenced(
      task,
      () => this.tasks.holdPublishing(task),
      async (held) => {
        await this.uploads.settle(task, made);
        await this.completion.succeed(held, output as Json);
      },
    );
  }

  /** Before the task ends, so that whoever waits for it finds the entry. What is itself from the cache is not kept again. */
  async keep(task: Task, objects: readonly CachedObject[] = []): Promise<void> {
    const { usage, cachedFrom } = (task.report ?? {}) as Report;
    if (cachedFrom) return;
    const output = (task.output ?? null) as Json;
    await this.cache.tryToKeep(task, { output, objects, cpuMs: usage?.cpuMs ?? usage?.wallMs ?? 0 });
  }

  /** It has failed, and whoever waits for the same work is not to wait any longer. */
  notMade(task: Task): Promise<void> {
    return this.cache.landed(task);
  }

  async publishOverdue(limit: number): Promise<number> {
    const overdue = await this.queue.claimUnpublished(limit, PUBLISH_LEASE_SECONDS);
    for (const task of overdue) {
      // One that fails must not keep the others waiting: its turn comes again when its lease is over.
      await this.publish(task).catch((error: unknown) => this.logger.warn(`Task ${task.id}: ${String(error)}`));
    }
    return overdue.length;
  }

  private async fail(task: Task, error: AppError): Promise<void> {
    this.logger.warn(`The outputs of task ${task.id} cannot be published: ${error.message}`);
    const failure = { error: 'Output.Unavailable', cause: error.message };
    await this.completion.fenced(
      task,
      () => this.tasks.holdPublishing(task),
      (held) => this.completion.fail(held, failure, { status: 'FAILED' }),
    );
    await this.notMade(task);
  }
}
