import { describe, expect, it } from '@jest/globals';
import { errorOf, MAX_RESPONSE_BYTES, responseOf } from './runtime-answers.js';

const text = (bytes: number) => Buffer.from(`"${'x'.repeat(bytes - 2)}"`);

describe('what a function answers', () => {
  it('is taken as it is if it is JSON', () => {
    const nested = '['.repeat(900) + ']'.repeat(900);
    expect(responseOf(Buffer.from('{"a":1}'))).toMatchObject({ type: 'response', output: { a: 1 } });
    expect(responseOf(Buffer.from(nested)).type).toBe('response');
  });

  it('may be as large as on AWS Lambda, and not larger', () => {
    expect(responseOf(text(MAX_RESPONSE_BYTES)).type).toBe('response');
    expect(responseOf(text(MAX_RESPONSE_BYTES + 1))).toMatchObject({
      failure: { error: 'Function.ResponseSizeTooLarge', cause: expect.stringContaining('6291556 bytes') },
    });
  });

  it.each([
    ['is no JSON', '{'],
    ['cannot be stored', '"\\u0000"'],
    ['is too deep for whoever would pass it on with the results of others', '['.repeat(50_000) + ']'.repeat(50_000)],
  ])('is the failure of the function if it %s', (_what, answer) => {
    expect(responseOf(Buffer.from(answer))).toMatchObject({
      type: 'error',
      failure: { error: 'Function.InvalidResponse' },
    });
  });
});

describe('the trace of an error', () => {
  it('is lines, also where a client tells them in parts, as that for Go', () => {
    const stackTrace = ['at here', { path: 'app/main.go', line: 7, label: 'handle' }, 3];
    const answer = errorOf(JSON.stringify({ errorMessage: 'm', errorType: 'T', stackTrace }), 'invocation');
    const cause: unknown = answer.type === 'error' ? JSON.parse(answer.failure.cause) : undefined;
    expect(cause).toMatchObject({ trace: ['at here', 'at handle (app/main.go:7)', '3'] });
  });
});
