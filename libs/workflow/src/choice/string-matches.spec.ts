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
    // In quadratic time these would take a quarter of an hour, longer than a test may.
    expect(stringMatches('a'.repeat(4_000_000), `*${'a'.repeat(1_000_000)}b*`)).toBe(false);
    expect(stringMatches('ab'.repeat(1_000_000), `${'*a'.repeat(500_000)}c`)).toBe(false);
  });
});
