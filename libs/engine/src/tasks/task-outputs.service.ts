import { Logger, Injectable } from '@nestjs/common';
import { AppError } from '@app/common';
import { ObjectTransfers } from '@app/object-store';
import { type Task, TaskQueueRepository, type TaskRef, TaskRepository } from '@app/queue';
import type { Json } from '@app/workflow';
import type { OpenedUpload, OpenUpload } from '@app/worker-api';
import { FunctionsService } from '../functions/functions.service.js';
import { type ObjectReference, objectReferences } from '../functions/object-references.js';
import { TaskCompletionService } from './task-completion.service.js';
import { type TaskUpload, TaskUploadRepository } from './task-upload.repository.js';
import { LeaseLost, OutputNotDeclared, OutputTooLarge } from './tasks.errors.js';

/** S3: at most 10,000 parts, each at least 5 MiB but for the last, 5 TiB in all. */
const MIN_PART_BYTES = 16 * 2 ** 20;
const MAX_PARTS = 10_000;
const MAX_OUTPUT_BYTES = 5 * 2 ** 40;
const URL_SECONDS = 6 * 3_600;
const PUBLISH_LEASE_SECONDS = 60;

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

  async open(task: Task, declared: ObjectReference, { attempt, size, contentType }: OpenUpload): Promise<OpenedUpload> {
    if (size > MAX_OUTPUT_BYTES) throw new OutputTooLarge(size, MAX_OUTPUT_BYTES);
    const { name, bucket, key } = declared;
    const before = await this.uploads.find({ id: task.id, attempt }, name);
    if (before) await this.abort(before);
    const metadata = { 'spool-task': task.id, ...(task.waiter ? { 'spool-execution': task.waiter.executionId } : {}) };
    const uploadId = await this.transfers.createUpload({ bucket, key }, { contentType, metadata });
    await this.uploads.save({ taskId: task.id, attempt, name, bucket, key, uploadId, parts: undefined });
    const partBytes = Math.max(MIN_PART_BYTES, Math.ceil(size / MAX_PARTS));
    const count = Math.max(1, Math.ceil(size / partBytes));
    return { partBytes, urls: await this.transfers.presignParts({ bucket, key }, uploadId, count, URL_SECONDS) };
  }

  /** Makes the outputs of a succeeded task visible and ends it. May be done again after a crash at any point. */
  async publish(task: Task): Promise<void> {
    const uploads = await this.uploads.list(task);
    try {
      for (const upload of uploads) await this.transfers.completeUpload(upload, upload.uploadId, upload.parts ?? []);
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

  async publishOverdue(limit: number): Promise<number> {
    const overdue = await this.queue.claimUnpublished(limit, PUBLISH_LEASE_SECONDS);
    for (const task of overdue) await this.publish(task);
    return overdue.length;
  }

  /** Aborts what attempts left behind that can no longer win. */
  async abortAbandoned(limit: number): Promise<number> {
    const abandoned = await this.uploads.listAbandoned(limit);
    for (const upload of abandoned) await this.abort(upload);
    return abandoned.length;
  }

  async abortAll(ref: TaskRef): Promise<void> {
    for (const upload of await this.uploads.list(ref)) await this.abort(upload);
  }

  private async abort(upload: TaskUpload): Promise<void> {
    await this.transfers.abortUpload(upload, upload.uploadId);
    await this.uploads.delete(upload);
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

/** The declared output of this name in the task's payload; throws what the executor did wrong. */
export async function declaredOutput(functions: FunctionsService, task: Task, name: string): Promise<ObjectReference> {
  if (!task.functionVersionId) throw new LeaseLost(task.id, task.attempt);
  const { config } = await functions.getVersion(task.functionVersionId);
  const references = objectReferences(config, task.payload as Json);
  const declared = 'error' in references ? undefined : references.outputs.find((output) => output.name === name);
  if (!declared) throw new OutputNotDeclared(name);
  return declared;
}
