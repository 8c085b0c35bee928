import { AppError } from '@app/common';

export class TriggerNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'trigger_not_found';

  constructor(name: string) {
    super(`There is no trigger ${name}`, { name });
  }
}

export class TriggerNameTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'trigger_name_taken';

  constructor(name: string) {
    super(`There is a trigger ${name} already: change it with PUT, or choose another name`, { name });
  }
}
