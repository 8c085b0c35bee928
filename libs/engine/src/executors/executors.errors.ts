import { AppError } from '@app/common';

export class ExecutorNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'executor_not_found';

  constructor(id: string) {
    super(`There is no executor ${id}, or it has been silent for long`, { id });
  }
}
