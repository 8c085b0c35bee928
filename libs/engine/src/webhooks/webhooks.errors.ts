import { AppError } from '@app/common';

export class WebhookNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'webhook_not_found';

  constructor(path: string) {
    super(`Nobody waits for this method at ${path}`, { path });
  }
}

export class SignatureRefused extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'signature_refused';
}
