import { AppError } from '@app/common';

/** It did not answer, or said that it cannot now: asking again may help. */
export class GatewayUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'gateway_unavailable';
}

/** It understood and said no: asking the same again does not help. */
export class GatewayRefused extends AppError {
  readonly kind = 'internal';
  readonly code = 'gateway_refused';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message, { status });
  }
}
