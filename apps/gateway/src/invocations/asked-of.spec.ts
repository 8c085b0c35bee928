import { describe, expect, it } from '@jest/globals';
import { askedOf } from './asked-of.js';

describe('what a call past the framework asks for', () => {
  it.each([
    ['waitSeconds=90', { qualifier: undefined, waitMs: 90_000 }],
    ['waitSeconds=1.5&qualifier=3', { qualifier: '3', waitMs: 1_500 }],
    ['qualifier=$LATEST', { qualifier: '$LATEST', waitMs: 60_000 }],
    ['qualifier=%24LATEST&mode=sync&cache=off', { qualifier: '$LATEST', waitMs: 60_000 }],
    ['', { qualifier: undefined, waitMs: 60_000 }],
  ])('is read from %s', (query, asked) => {
    expect(askedOf(query)).toEqual(asked);
  });

  it.each([
    ['mode=async'],
    ['waitSeconds=901'],
    ['waitSeconds=-1'],
    ['waitSeconds=x'],
    ['qualifier=0'],
    ['waitSeconds=1&waitSeconds=2'],
    ['dedupKey=a'],
    ['other=1'],
  ])('is left to the framework with %s', (query) => {
    expect(askedOf(query)).toBeUndefined();
  });
});
