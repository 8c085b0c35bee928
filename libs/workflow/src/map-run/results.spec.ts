import { describe, expect, it } from '@jest/globals';
import { resultText } from './results.js';

describe('a result file', () => {
  it('is one array in JSON', () => {
    expect(JSON.parse(resultText([1, { a: 2 }], 'JSON'))).toEqual([1, { a: 2 }]);
  });

  it('is a line for each result in JSON Lines', () => {
    expect(resultText([1, { a: 'x\ny' }], 'JSONL')).toBe('1\n{"a":"x\\ny"}\n');
    expect(resultText([], 'JSONL')).toBe('');
  });
});
