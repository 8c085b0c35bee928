import { AppError } from '@app/common';
import { AslFailure } from '@app/workflow';

export interface StartFailure {
  readonly error: string;
  readonly cause: string;
  /** It would fail the same way every time. */
  readonly isFinal: boolean;
}

export function startFailure(error: unknown): StartFailure {
  if (error instanceof AslFailure) return { error: error.error, cause: String(error.cause), isFinal: true };
  if (error instanceof AppError) return { error: error.code, cause: error.message, isFinal: !error.retryable };
  return { error: 'Start.Failed', cause: error instanceof Error ? error.message : String(error), isFinal: false };
}

const FIRST_DELAY_MS = 1_000;
const LAST_DELAY_MS = 300_000;

/** After so many attempts. */
export const startDelayMs = (attempts: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 20), LAST_DELAY_MS);

/** Of triggers that do not say how long to try. */
export const MAX_ATTEMPTS = 8;
export const MAX_AGE_SECONDS = 21_600;
