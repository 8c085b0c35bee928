import { AppError } from '@app/common';

export class PayloadMissing extends AppError {
  readonly kind = 'internal';
  readonly code = 'payload_missing';

  constructor(key: string, options?: ErrorOptions) {
    super(`The value at ${key} is not in the object store any more, though something refers to it`, { key }, options);
  }
}
