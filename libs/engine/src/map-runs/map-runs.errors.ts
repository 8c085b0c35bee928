import { AppError } from '@app/common';

export class MapRunNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'map_run_not_found';

  constructor(id: string) {
    super(`There is no map run ${id}`, { id });
  }
}
