import { AppError } from '@app/common';
import { type Failure, toFailure } from '@app/sandbox';

/** Ends an attempt with a failure that the workflow sees. */
export class TaskFailed extends AppError {
  readonly kind = 'internal';
  readonly code = 'task_failed';
  readonly failure: Failure;

  constructor(error: string, message: string, options?: ErrorOptions) {
    super(message, { error }, options);
    this.failure = toFailure(error, { errorMessage: message });
  }
}

/** The task belongs to a newer attempt, or to nobody: there is nothing to report. */
export class AttemptLost extends AppError {
  readonly kind = 'conflict';
  readonly code = 'attempt_lost';
}
