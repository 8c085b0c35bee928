import { AppError } from '@app/common';

export class SubscriptionNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'subscription_not_found';

  constructor(name: string) {
    super(`There is no subscription ${name}`, { name });
  }
}

export class SubscriptionNameTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'subscription_name_taken';

  constructor(name: string) {
    super(`There is a subscription ${name} already: change it with PUT, or choose another name`, { name });
  }
}

/** The address of a subscription did not take an event. */
export class DestinationRefused extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'destination_refused';

  constructor(url: string, reason: string, cause?: unknown) {
    super(`${url} did not take the event: ${reason}`, { url }, { cause });
  }
}
