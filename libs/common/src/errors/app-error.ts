export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'throttled'
  | 'unavailable'
  | 'internal';

/**
 * An error we raise on purpose. `code` is API: clients match on it, so it never changes.
 * `kind` decides the HTTP status and whether the work is worth retrying.
 */
export abstract class AppError extends Error {
  abstract readonly kind: ErrorKind;
  abstract readonly code: string;

  constructor(
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }

  get retryable(): boolean {
    return this.kind === 'unavailable' || this.kind === 'throttled';
  }
}
