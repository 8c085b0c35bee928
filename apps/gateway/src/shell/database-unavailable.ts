import { AppError } from '@app/common';

class DatabaseUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'database_unavailable';

  constructor(why: string, cause: unknown) {
    super(`The database ${why}; nothing of the request was done, or it can be repeated as it is`, {}, { cause });
  }
}

/** Of Postgres (its appendix A), by code or class, and of the connection to it. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^53100$/, 'has no space left on its disk'],
  [/^53/, 'has too much to do'],
  [/^(57P|08)/, 'is restarting, or cannot be reached'],
  [/^(40001|40P01|55P03)$/, 'had to give way to another transaction'],
  [/^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/, 'is restarting, or cannot be reached'],
];
const CUT_OFF =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

/** What is over when the database is well again: a caller may repeat what it asked for. */
export function databaseUnavailable(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  const [, why] = REASONS.find(([pattern]) => pattern.test(code ?? '')) ?? [];
  if (why) return new DatabaseUnavailable(why, error);
  return CUT_OFF.test(error.message) ? new DatabaseUnavailable('cut the connection', error) : undefined;
}
