import { AppError } from '@app/common';

export class DeadLetterNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'dead_letter_not_found';

  constructor(id: string) {
    super(`There is no dead letter ${id}`, { id });
  }

  static raise(id: string): never {
    throw new DeadLetterNotFound(id);
  }
}

export class EventNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'event_not_found';

  constructor(source: string, id: string) {
    super(`There is no event ${id} of ${source}`, { source, id });
  }
}
