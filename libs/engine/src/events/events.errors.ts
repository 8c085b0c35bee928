import { AppError } from '@app/common';

export class EventNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'event_not_found';

  constructor(source: string, id: string) {
    super(`There is no event ${id} of ${source}`, { source, id });
  }
}
