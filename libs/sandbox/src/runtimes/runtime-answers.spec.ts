import { describe, expect, it } from '@jest/globals';
import { responseOf } from './runtime-answers.js';

describe('what a function answers', () => {
  it('is taken as it is if it is JSON', () => {
    const nested = '['.repeat(900) + ']'.repeat(900);
    expect(responseOf(Buffer.from('{"a":1}'))).toMatchObject({ type: 'response', output: { a: 1 } });
    expect(responseOf(Buffer.from(nested)).type).toBe('response');
  });

  it.each([
    ['is no JSON', '{'],
    ['cannot be stored', '"\\u0000"'],
    ['is too deep for whoever would pass it on with the results of others', '['.repeat(50_000) + ']'.repeat(50_000)],
  ])('is the failure of the function if it %s', (_what, text) => {
    expect(responseOf(Buffer.from(text))).toMatchObject({
      type: 'error',
      failure: { error: 'Function.InvalidResponse' },
    });
  });
});
