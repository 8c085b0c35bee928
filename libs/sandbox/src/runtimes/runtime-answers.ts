import type { IncomingMessage } from 'node:http';
import { type Failure, type Json, parseStorable, toFailure } from './failure.js';
import { BodyTooLarge, readBody } from './read-body.js';

export type Answer =
  | { readonly type: 'response'; readonly output: Json }
  | { readonly type: 'error'; readonly failure: Failure; readonly during: 'init' | 'invocation' };

/** As on AWS Lambda. */
export const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
export const MAX_ERROR_BYTES = 1024 * 1024;

export const isTooLarge = (answer: Answer): boolean =>
  answer.type === 'error' && answer.failure.error === 'Function.ResponseTooLarge';

export async function readResponse(request: IncomingMessage): Promise<Answer> {
  try {
    const text = await readBody(request, MAX_RESPONSE_BYTES);
    if (text === '') return { type: 'response', output: null };
    const output = parseStorable(text);
    if (output !== undefined) return { type: 'response', output };
    return failed('Function.InvalidResponse', `The response is not JSON that can be stored: ${text.slice(0, 200)}`);
  } catch (error) {
    if (error instanceof BodyTooLarge)
      return failed('Function.ResponseTooLarge', `The response is larger than ${MAX_RESPONSE_BYTES} bytes`);
    return failed('Function.InvalidResponse', `The response broke off: ${String(error)}`);
  }
}

const failed = (error: string, errorMessage: string): Answer => ({
  type: 'error',
  failure: toFailure(error, { errorMessage }),
  during: 'invocation',
});

/** { errorMessage, errorType, stackTrace }, or whatever a runtime of somebody's own has sent instead. */
export async function readError(request: IncomingMessage, during: 'init' | 'invocation'): Promise<Answer> {
  const text = await readBody(request, MAX_ERROR_BYTES).catch(() => '');
  const body = parseStorable(text);
  const { errorMessage, errorType, stackTrace, trace }: Record<string, unknown> =
    body && typeof body === 'object' && !Array.isArray(body) ? body : {};
  const header = request.headers['lambda-runtime-function-error-type'];
  const name = typeof errorType === 'string' && errorType !== '' ? errorType : String(header ?? 'Error');
  const lines = [stackTrace, trace].find(Array.isArray) ?? [];
  const message = typeof errorMessage === 'string' ? errorMessage : text.slice(0, 1_000);
  const details = { errorMessage: message, errorType: name, trace: lines.map(String) };
  return {
    type: 'error',
    failure: toFailure(name, during === 'init' ? { ...details, phase: 'init' } : details),
    during,
  };
}
