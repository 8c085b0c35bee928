import { expect, it } from '@jest/globals';
import { ago, duration } from './time.js';

it.each([
  [-5, '0 ms'],
  [840, '840 ms'],
  [3_240, '3.2 s'],
  [59_990, '1 m 00 s'],
  [64_000, '1 m 04 s'],
  [7_500_000, '2 h 05 m'],
])('says %d ms as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('says how long ago something was', () => {
  const now = Date.parse('2025-01-02T12:00:00Z');
  expect(ago('2025-01-02T11:59:59Z', now)).toBe('just now');
  expect(ago('2025-01-02T10:30:00Z', now)).toBe('1 h ago');
  expect(ago('2025-01-01T11:00:00Z', now)).toBe('yesterday');
});
