import { AppError } from '@app/common';

export class ApiKeyNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'api_key_not_found';

  constructor(id: string) {
    super(`There is no API key ${id}`, { id });
  }
}
