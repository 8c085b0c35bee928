import { AppError } from '@app/common';

export class KeyMissing extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'api_key_missing';

  constructor() {
    super('Send your API key in the header "Authorization: Bearer KEY" or "X-Api-Key: KEY"');
  }
}

export class KeyRefused extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'api_key_refused';

  constructor() {
    super('This API key is not known, or it was revoked');
  }
}

export class ExecutorTokenRefused extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'executor_token_refused';

  constructor() {
    super('The worker API needs the executors\' token in the header "Authorization: Bearer TOKEN"');
  }
}

export class OperatorsOnly extends AppError {
  readonly kind = 'forbidden';
  readonly code = 'operators_only';

  constructor() {
    super('What all namespaces share is changed with a key of the namespace default');
  }
}
