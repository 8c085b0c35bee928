import { describe, expect, it } from '@jest/globals';
import { mediaKind } from './media-kind.js';
import { objectReferences } from './object-references.js';

describe('objectReferences', () => {
  it('finds objects in both forms, however deep, each once', () => {
    const value = {
      a: [{ bucket: 'out', key: 'x.mp4', size: 3 }, 's3://out/dir/y z.jpg'],
      b: { c: { bucket: 'out', key: 'x.mp4' } },
    };
    expect(objectReferences(value, undefined)).toEqual([
      { bucket: 'out', key: 'x.mp4' },
      { bucket: 'out', key: 'dir/y z.jpg' },
    ]);
  });

  it('takes nothing else for an object', () => {
    expect(objectReferences({ bucket: 'out' }, 's3://', 'see s3://out/x', { bucket: 1, key: 2 }, null, 5)).toEqual([]);
  });
});

describe('mediaKind', () => {
  it('believes the store, and the name only where the store knows nothing', () => {
    expect(mediaKind('video/mp4', 'x.bin')).toBe('video');
    expect(mediaKind('application/octet-stream', 'a/Song.MP3')).toBe('audio');
    expect(mediaKind(undefined, 'x.webp')).toBe('image');
    expect(mediaKind('application/json', 'x.mp4')).toBe('other');
  });
});
