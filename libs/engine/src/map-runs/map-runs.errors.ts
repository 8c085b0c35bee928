import { AppError } from '@app/common';

export class MapRunHasEnded extends AppError {
  readonly kind = 'conflict';
  readonly code = 'map_run_has_ended';

  constructor(id: string, status: string) {
    super(`The map run ${id} is ${status}: only one that runs can be changed`, { id, status });
  }
}

export class MapRunNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'map_run_not_found';

  constructor(id: string) {
    super(`There is no map run ${id}`, { id });
  }
}
