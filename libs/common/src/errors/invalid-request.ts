import { AppError } from './app-error.js';

/** One broken rule: which field, as a JSON Pointer (RFC 6901), and what is wrong with it. */
export interface Issue {
  readonly pointer: string;
  readonly message: string;
}

/** Enough for a person; the rest shows when these are mended. */
const MAX_ISSUES = 100;
const MAX_POINTER = 512;
const MAX_MESSAGE = 1_024;
const MAX_DETAIL = 8_192;

export class InvalidRequest extends AppError {
  readonly kind = 'invalid';
  readonly code = 'invalid_request';
  readonly issues: readonly Issue[];

  constructor(found: readonly Issue[]) {
    const issues = found.slice(0, MAX_ISSUES).map(shortened);
    super(cut(issues.map(({ pointer, message }) => `${pointer || '(body)'}: ${message}`).join('; '), MAX_DETAIL), {
      errors: issues,
    });
    this.issues = issues;
  }
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

/** What was sent may stand in an issue: an answer must not be larger for that than what it answers. */
const shortened = ({ pointer, message }: Issue): Issue => ({
  pointer: cut(pointer, MAX_POINTER),
  message: cut(message, MAX_MESSAGE),
});

/** A path of keys as a JSON Pointer (RFC 6901 section 3). */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
