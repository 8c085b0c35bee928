import { AppError, isStorable } from '@app/common';
import { ObjectStore } from '@app/object-store';
import { type Task, TaskRepository } from '@app/queue';
import type { Failure, JsonObject } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import type { ObjectAction } from '../executions/object-action.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import { TaskCompletionService } from '../tasks/task-completion.service.js';
import { ActionFailed } from './action-failed.js';
import { perform } from './object-actions.js';

/** What the AWS SDK calls what the store says, with the prefix that Step Functions puts before it. */
const AWS_ERRORS: Readonly<Record<string, string>> = {
  object_not_found: 'S3.NoSuchKeyException',
  bucket_not_found: 'S3.NoSuchBucketException',
};

/**
 * Reads and writes objects for states. At least once: a crash between the action and its record does it again, which
 * changes nothing, as each of the actions says what shall be and not what shall be changed.
 */
@Injectable()
export class ObjectTasksService {
  constructor(
    private readonly store: ObjectStore,
    private readonly tasks: TaskRepository,
    private readonly completion: TaskCompletionService,
    private readonly payloads: PayloadsService,
  ) {}

  async run(task: Task): Promise<void> {
    const result = await this.attempt(task);
    if ('output' in result) await this.payloads.store(task.namespace, [result.output]);
    await this.completion.fenced(
      task,
      () => this.tasks.hold(task),
      (held) =>
        'failure' in result
          ? this.completion.fail(held, result.failure, { status: 'FAILED' })
          : this.completion.succeed(held, result.output),
    );
  }

  private async attempt({ resource, payload }: Task): Promise<{ output: JsonObject } | { failure: Failure }> {
    try {
      const output = await perform(this.store, resource as ObjectAction, payload as JsonObject, this.payloads.maxBytes);
      if (isStorable(output)) return { output };
      return { failure: { error: 'States.Runtime', cause: 'The object is no text, so it can be no part of the data' } };
    } catch (error) {
      if (error instanceof ActionFailed) return { failure: { error: error.error, cause: error.cause } };
      // The store is away: the task stays as it is, and is tried again when its lease is over.
      if (!(error instanceof AppError) || error.retryable) throw error;
      return { failure: { error: AWS_ERRORS[error.code] ?? 'S3.S3Exception', cause: error.message } };
    }
  }
}
