import { Logger, Injectable } from '@nestjs/common';
import { AppError } from '@app/common';
import { ObjectTransfers } from '@app/object-store';
import { type Task, TaskQueueRepository, TaskRepository } from '@app/queue';
import type { Json } from '@app/workflow';
import { TaskCompletionService } from './task-completion.service.js';
import { type TaskUpload, TaskUploadRepository } from './task-upload.repository.js';

const PUBLISH_LEASE_SECONDS = 60;
/** The store works on each for some milliseconds, and a stream has hundreds. */
const LANES = 8;

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
    private readonly uploads: TaskUploadRepository,
    private readonly transfers: ObjectTransfers,
    private readonly completion: TaskCompletionService,
  ) {}

  /** Makes the outputs of a succeeded task visible and ends it. May be done again after a crash at any point. */
  async publish(task: Task): Promise<void> {
    const uploads = await this.uploads.list(task);
    try {
      for (const level of levelsOf(uploads)) await this.complete(level);
    } catch (error) {
      if (error instanceof AppError && !error.retryable) return this.fail(task, error);
      throw error; // The store is away: the task stays as it is, and a router tries again.
    }
    await this.completion.fenced(
      task,
      () => this.tasks.holdPublishing(task),
      async (held) => {
        await this.uploads.deleteAll(task);
        await this.completion.succeed(held, (held.output ?? null) as Json);
      },
    );
  }

  private async complete(level: readonly TaskUpload[]): Promise<void> {
    const waiting = [...level];
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        await this.transfers.completeUpload(next, next.uploadId, next.parts ?? []);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
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
  }
}

/** Files that are as deep in their folder as each other: only of these may one be published before the other. */
function levelsOf(uploads: readonly TaskUpload[]): TaskUpload[][] {
  const levels = new Map<number, TaskUpload[]>();
  for (const upload of uploads) {
    const depth = upload.name.split('/').length;
    const level = levels.get(depth);
    if (level) level.push(upload);
    else levels.set(depth, [upload]);
  }
  return [...levels.values()];
}
