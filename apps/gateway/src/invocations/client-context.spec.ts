import { describe, expect, it } from '@jest/globals';
import { clientContextOf } from './client-context.js';

const given = (text: string) => clientContextOf({ 'x-amz-client-context': text });
const encoded = (value: unknown) => given(Buffer.from(JSON.stringify(value)).toString('base64'));

describe('the client context', () => {
  it('is the JSON that was encoded, in ASCII', () => {
    const context = { custom: { name: 'Zoë', film: '映画' }, client: { app_title: 'x' } };
    expect(encoded(context)).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(encoded(context) ?? '')).toEqual(context);
    expect(clientContextOf({})).toBeUndefined();
  });

  it.each([
    ['not base64!', 'must be base64'],
    [Buffer.from('no JSON').toString('base64'), 'must be the base64 of a JSON object'],
    [Buffer.from('[1]').toString('base64'), 'must be the base64 of a JSON object'],
    ['A'.repeat(3_584), 'must have at most 3583 characters'],
  ])('is refused with its rule: %#', (header, message) => {
    expect(() => given(header)).toThrow(
      expect.objectContaining({ issues: [{ pointer: '/header/X-Amz-Client-Context', message }] }),
    );
  });
});
