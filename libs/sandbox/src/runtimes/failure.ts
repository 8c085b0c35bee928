import { isNestedTooDeep } from '@app/common';
import type { Assignment } from '@app/worker-api';

export type Json = Assignment['payload'];

/** A user's failure is data: it goes into the history and through Retry and Catch. */
export interface Failure {
  readonly error: string;
  /** JSON, as AWS Lambda gives it: { errorMessage, errorType, trace }. */
  readonly cause: string;
}

export interface FailureDetails {
  readonly errorMessage: string;
  readonly errorType?: string;
  readonly trace?: readonly string[];
  readonly [more: string]: unknown;
}

const MAX_ERROR = 256;
const MAX_CAUSE = 32_768;
const MAX_MESSAGE = 8_192;
const MAX_TRACE_LINES = 50;
const MAX_TRACE_LINE = 256;

/** Cut to what the wire carries, so that a huge message cannot keep a result from being reported. */
export function toFailure(error: string, details: FailureDetails): Failure {
  const name = error.slice(0, MAX_ERROR).replaceAll(/\p{Cc}|\p{Cs}/gu, ' ') || 'Error';
  const trace = (details.trace ?? []).slice(0, MAX_TRACE_LINES).map((line) => line.slice(0, MAX_TRACE_LINE));
  const short = {
    ...details,
    errorMessage: details.errorMessage.slice(0, MAX_MESSAGE),
    errorType: details.errorType ?? name,
    trace,
  };
  const cause = JSON.stringify(short);
  if (cause.length <= MAX_CAUSE) return { error: name, cause };
  return {
    error: name,
    cause: JSON.stringify({ errorMessage: short.errorMessage.slice(0, 4_096), errorType: name, trace: [] }),
  };
}

/** NUL, and a half of a surrogate pair: JSON can say them, Postgres cannot store them. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f]..)/;

/** The value of a JSON text that can be stored; undefined if it is not one, or too deep for whoever walks through it. */
export function parseStorable(text: string): Json | undefined {
  if (isNestedTooDeep(text)) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    const isSuspect = text.includes('\\u'); // JSON.stringify escapes a surrogate only if it stands alone.
    return isSuspect && UNSTORABLE.test(JSON.stringify(value)) ? undefined : value;
  } catch {
    return undefined;
  }
}
