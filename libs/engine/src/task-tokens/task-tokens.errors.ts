import { AppError } from '@app/common';

/** AWS' InvalidToken. It says nothing about what the token may be in another namespace. */
export class InvalidToken extends AppError {
  readonly kind = 'invalid';
  readonly code = 'invalid_token';

  constructor() {
    super('The task token is not valid');
  }
}

/** AWS' TaskTimedOut: what the token stood for has ended, or was answered before. */
export class TaskTimedOut extends AppError {
  readonly kind = 'conflict';
  readonly code = 'task_timed_out';

  constructor() {
    super('The task of this token has ended: it was answered before, timed out or was stopped');
  }
}

/** AWS' InvalidOutput. */
export class InvalidOutput extends AppError {
  readonly kind = 'invalid';
  readonly code = 'invalid_output';
}
