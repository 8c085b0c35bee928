import type { IncomingMessage } from 'node:http';
import { type Failure, type Json, parseStorable, toFailure } from './failure.js';
import { BodyTooLarge, readBody } from './read-body.js';

/** `during` the end: it is the last that the instance says. */
export type Answer =
  | { readonly type: 'response'; readonly output: Json; readonly bytes: Buffer }
  | { readonly type: 'error'; readonly failure: Failure; readonly during: 'init' | 'invocation' | 'end' };

/** Of the runtime or of ours; any other name is one that the handler has thrown. */
const NOT_OF_THE_HANDLER = /^(Function|Runtime|Extension|Sandbox)\./;

/** The instance is well, and has done what it was asked for. */
export const isOfHandler = (answer: Answer): boolean =>
  answer.type === 'response' || (answer.during === 'invocation' && !NOT_OF_THE_HANDLER.test(answer.failure.error));

/** As on AWS Lambda, whatever the runtime and the way of the call; `runtimes/nodejs.mjs` knows it too. What is larger is a file. */
export const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;
export const MAX_ERROR_BYTES = 1024 * 1024;

const TOO_LARGE = 'Function.ResponseSizeTooLarge';

export const isTooLarge = (answer: Answer): boolean => answer.type === 'error' && answer.failure.error === TOO_LARGE;

export async function readResponse(request: IncomingMessage): Promise<Answer> {
  try {
    return responseOf(Buffer.from(await readBody(request, MAX_RESPONSE_BYTES)));
  } catch (error) {
    if (error instanceof BodyTooLarge) return tooLarge();
    return failed('Function.InvalidResponse', `The response broke off: ${String(error)}`);
  }
}

export function responseOf(bytes: Buffer): Answer {
  if (bytes.length > MAX_RESPONSE_BYTES) return tooLarge();
  if (bytes.length === 0) return { type: 'response', output: null, bytes: Buffer.from('null') };
  const text = bytes.toString('utf8');
  const output = parseStorable(text);
  if (output !== undefined) return { type: 'response', output, bytes };
  return failed('Function.InvalidResponse', `The response is not JSON that can be stored: ${text.slice(0, 200)}`);
}

const tooLarge = (): Answer =>
  failed(TOO_LARGE, `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`);

const failed = (error: string, errorMessage: string): Answer => ({
  type: 'error',
  failure: toFailure(error, { errorMessage }),
  during: 'invocation',
});

/** Text, but with the client for Go: { path, line, label }. */
function lineOf(line: unknown): string {
  if (typeof line === 'string') return line;
  const { path, line: number, label }: Record<string, unknown> = line && typeof line === 'object' ? { ...line } : {};
  return typeof path === 'string' ? `at ${String(label)} (${path}:${String(number)})` : JSON.stringify(line);
}

/** { errorMessage, errorType, stackTrace }, or whatever a runtime of somebody's own has sent instead. */
export async function readError(request: IncomingMessage, during: 'init' | 'invocation'): Promise<Answer> {
  const header = request.headers['lambda-runtime-function-error-type'];
  return errorOf(await readBody(request, MAX_ERROR_BYTES).catch(() => ''), during, header);
}

export function errorOf(text: string, during: 'init' | 'invocation' | 'end', header?: string | string[]): Answer {
  const body = parseStorable(text);
  const { errorMessage, errorType, stackTrace, trace }: Record<string, unknown> =
    body && typeof body === 'object' && !Array.isArray(body) ? body : {};
  const name = typeof errorType === 'string' && errorType !== '' ? errorType : String(header ?? 'Error');
  const lines = [stackTrace, trace].find(Array.isArray) ?? [];
  const message = typeof errorMessage === 'string' ? errorMessage : text.slice(0, 1_000);
  const details = { errorMessage: message, errorType: name, trace: lines.map(lineOf) };
  return {
    type: 'error',
    failure: toFailure(name, during === 'init' ? { ...details, phase: 'init' } : details),
    during,
  };
}
