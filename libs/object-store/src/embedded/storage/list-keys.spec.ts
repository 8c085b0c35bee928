import { describe, expect, it, jest } from '@jest/globals';
import { KeyIndex } from './key-index.js';
import { compareKeys } from './key-order.js';
import { type KeyQuery, listKeys } from './list-keys.js';

const all: KeyQuery = { prefix: '', delimiter: '', after: '', limit: 1000 };
const indexOf = (keys: readonly string[]) => {
  const index = new KeyIndex<string>();
  for (const key of keys) index.set(key, key);
  return index;
};

describe('the order of keys', () => {
  it('is that of their UTF-8 bytes', () => {
    const keys = ['a', 'a!', 'aa', 'b', 'é', '\ud7ff', '\ue000', '\uffee', '\u{10000}', '🎬', '🎬a'];
    const bytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(keys.toReversed().toSorted(compareKeys)).toEqual(bytes);
    expect(listKeys(indexOf(keys.toReversed()), all).items).toEqual(bytes);
  });
});

describe('a listing', () => {
  it('shows a replaced key once, and a deleted one no more', () => {
    const index = indexOf(['b', 'a', 'c', 'a']);
    index.delete('b');
    index.delete('none');
    expect(listKeys(index, all).items).toEqual(['a', 'c']);
    expect(index.size).toBe(2);
  });

  it('gives no page for a limit of none', () => {
    expect(listKeys(indexOf(['a']), { ...all, limit: 0 })).toEqual({ items: [], commonPrefixes: [] });
  });

  it('takes delimiters of several characters, and folders anywhere', () => {
    const index = indexOf(['x--a--1', 'x--a--2', 'x--b', 'x-c', 'y']);
    expect(listKeys(index, { ...all, prefix: 'x', delimiter: '--' })).toEqual({
      items: ['x-c'],
      commonPrefixes: ['x--'],
    });
    const inner = listKeys(index, { ...all, prefix: 'x--', delimiter: '--' });
    expect(inner).toEqual({ items: ['x--b'], commonPrefixes: ['x--a--'] });
  });

  it('of a folder among 200,000 keys looks at few of them', () => {
    const index = new KeyIndex(Array.from({ length: 200_000 }, (_, at) => [`${at % 2}/${at}`, at] as const));
    const looks = jest.spyOn(index, 'keyAt');
    expect(listKeys(index, { ...all, delimiter: '/' }).commonPrefixes).toEqual(['0/', '1/']);
    expect(looks.mock.calls.length).toBeLessThan(10);
  });
});
