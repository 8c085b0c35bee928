import { AppError } from './app-error.js';

/** One broken rule: which field, as a JSON Pointer (RFC 6901), and what is wrong with it. */
export interface Issue {
  readonly pointer: string;
  readonly message: string;
}

export class InvalidRequest extends AppError {
  readonly kind = 'invalid';
  readonly code = 'invalid_request';

  constructor(readonly issues: readonly Issue[]) {
    super(issues.map(({ pointer, message }) => `${pointer || '(body)'}: ${message}`).join('; '), { errors: issues });
  }
}

/** A path of keys as a JSON Pointer (RFC 6901 section 3). */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
