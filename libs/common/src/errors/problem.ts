import { AppError, type ErrorKind } from './app-error.js';

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  throttled: 429,
  unavailable: 503,
  internal: 500,
};

const TITLE: Record<ErrorKind, string> = {
  invalid: 'The request is not valid',
  unauthenticated: 'Authentication is needed',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'Conflict with the present state',
  too_large: 'Too large',
  throttled: 'Too many requests',
  unavailable: 'Temporarily unavailable',
  internal: 'Internal error',
};

/** Problem details for HTTP APIs (RFC 9457 section 3.1), with our stable `code` as an extension member. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly [extension: string]: unknown;
}

export function toProblem(error: AppError): Problem {
  const { kind, code, message, details } = error;
  return {
    ...details,
    type: `urn:spool:error:${code}`,
    title: TITLE[kind],
    status: STATUS[kind],
    detail: message,
    code,
  };
}
