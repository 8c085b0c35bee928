import { AppError } from '@app/common';

export class NotReady extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'not_ready';

  constructor(checks: Readonly<Record<string, string>>) {
    const failing = Object.entries(checks).filter(([, state]) => state !== 'ok');
    super(`Not ready: ${failing.map(([name]) => name).join(' and ')} did not answer`, { checks });
  }
}
