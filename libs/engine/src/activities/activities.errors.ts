import { AppError } from '@app/common';

export class ActivityNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'activity_not_found';

  constructor(name: string) {
    super(`There is no activity ${name}`, { name });
  }
}
