import { describe, expect, it } from '@jest/globals';
import { stringMatches } from './string-matches.js';

describe('stringMatches', () => {
  it.each([
    ['*a*', 'bab', true],
    ['a*', 'a', true],
    ['*aab*', 'aaab', true],
    ['*abab*c', 'abaabab-c', true],
    ['*aba*aba*', 'ababa', false],
    ['a\\b', 'a\\b', true],
    ['a\\', 'a\\', true],
    ['\\\\*', '\\x', true],
    ['\\**', '*x', true],
    ['\\**', 'x*', false],
  ])('tells whether %s matches %s', (pattern, text, matches) => {
    expect(stringMatches(text, pattern)).toBe(matches);
  });

  it('takes linear time for a text of near misses', () => {
    const started = performance.now();
    expect(stringMatches('a'.repeat(400_000), `*${'a'.repeat(100_000)}b*`)).toBe(false);
    expect(stringMatches('ab'.repeat(100_000), `${'*a'.repeat(50_000)}c`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
