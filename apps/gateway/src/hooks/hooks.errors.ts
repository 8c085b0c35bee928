import { AppError } from '@app/common';

export class SubscriptionUnconfirmed extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'subscription_unconfirmed';

  constructor(host: string, cause: unknown) {
    super(`The subscription could not be confirmed at ${host}`, { host }, { cause });
  }
}
