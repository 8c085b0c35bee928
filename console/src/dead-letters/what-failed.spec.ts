import { describe, expect, it } from '@jest/globals';
import { whatFailed } from './what-failed.js';

describe('a dead letter in some words', () => {
  it.each([
    ['event', { trigger: 'on-upload', event: {} }, 'event of trigger on-upload'],
    ['invocation', { invocation: '1', function: 'resize', event: {} }, 'invocation of resize'],
    ['destination', { invocation: '1', target: { topic: 'ends' }, record: {} }, 'telling topic ends'],
    ['notification', 'garbage', 'notification'],
    ['event', null, 'event of trigger'],
    ['invocation', null, 'invocation of a function'],
    ['destination', null, 'telling a destination'],
  ])('of kind %s with %j is "%s"', (kind, payload, words) => {
    expect(whatFailed({ kind, payload })).toBe(words);
  });
});
