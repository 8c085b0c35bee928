import { describe, expect, it } from '@jest/globals';
import { withPlaceholders, withReferences } from './placeholders.js';

const file = { name: 'output/film', bucket: 'out', key: 'a/film.mp4' };
const folder = { name: 'output/stream', bucket: 'out', key: 'a/stream/' };
const elsewhere = [
  { ...file, bucket: 'other', key: 'b.mp4' },
  { ...folder, bucket: 'other', key: 'b/' },
];

describe('placeholders', () => {
  it.each([
    ['an object', { bucket: 'out', key: 'a/film.mp4', size: 3 }, { bucket: 'other', key: 'b.mp4', size: 3 }],
    ['an address', ['s3://out/a/film.mp4'], ['s3://other/b.mp4']],
    ['a folder', { bucket: 'out', prefix: 'a/stream' }, { bucket: 'other', prefix: 'b' }],
    ['a folder with its slash', { bucket: 'out', prefix: 'a/stream/' }, { bucket: 'other', prefix: 'b/' }],
    [
      'a file in a folder',
      { x: { bucket: 'out', key: 'a/stream/v/1.m4s' } },
      { x: { bucket: 'other', key: 'b/v/1.m4s' } },
    ],
    ['the address of one', 's3://out/a/stream/v/1.m4s', 's3://other/b/v/1.m4s'],
  ])('lead from %s to where it is now', (_, value, now) => {
    const marked = withPlaceholders(value, [file, folder]);
    expect(JSON.stringify(marked)).not.toContain('"out"');
    expect(JSON.stringify(marked)).not.toContain('s3:');
    expect(withReferences(marked, elsewhere)).toEqual(now);
  });

  it('leave other objects and texts as they are', () => {
    const value = { bucket: 'out', key: 'a/film.mp4.txt', list: ['s3://in/a/film.mp4', 's3://', 1, null, true] };
    expect(withPlaceholders(value, [file, folder])).toEqual(value);
    expect(withReferences(value, [])).toEqual(value);
  });

  it('are not filled if what they name is not asked for', () => {
    const marked = withPlaceholders({ object: 's3://out/a/film.mp4' }, [file]);
    expect(withReferences(marked, [{ ...file, name: 'output/other' }])).toBeUndefined();
  });
});
