import { AppError } from '@app/common';

export class ExecutionNotRedrivable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'execution_not_redrivable';

  constructor(id: string, reason: string) {
    super(`The execution ${id} cannot be redriven: ${reason}`, { id });
  }
}

export class ExecutionStillRuns extends AppError {
  readonly kind = 'conflict';
  readonly code = 'execution_still_runs';

  constructor(id: string) {
    super(`The execution ${id} has not ended: it can be run again when it has`, { id });
  }
}
