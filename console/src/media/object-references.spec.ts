import { describe, expect, it } from '@jest/globals';
import { mediaKind } from './media-kind.js';
import { objectOf, objectReferences, uriOf } from './object-references.js';

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

  it('finds the files that are told beside their folder', () => {
    const folder = { bucket: 'out', prefix: 'film/stream' };
    const value = { folder, hls: 'master.m3u8', streams: [{ name: '240p' }], images: ['a.jpg', 'b.jpg'], tiles: 2 };
    expect(objectReferences(value).map(({ key }) => key)).toEqual([
      'film/stream/master.m3u8',
      'film/stream/a.jpg',
      'film/stream/b.jpg',
    ]);
    expect(objectReferences({ folder: 'out', file: 'a.jpg' }, { folder: { bucket: 'out' }, file: 'a.jpg' })).toEqual(
      [],
    );
  });

  it('takes nothing else for an object', () => {
    expect(objectReferences({ bucket: 'out' }, 's3://', 'see s3://out/x', { bucket: 1, key: 2 }, null, 5)).toEqual([]);
  });
});

describe('uriOf', () => {
  it('gives what relative names lead on from, to an object again', () => {
    const uri = uriOf({ bucket: 'out', key: 'my film?.mp4/stream/master.m3u8' });
    const next = new URL('240p/segment%201.m4s', uri).href;
    expect(objectOf(next)).toEqual({ bucket: 'out', key: 'my film?.mp4/stream/240p/segment 1.m4s' });
    expect(objectOf(new URL('https://elsewhere.example/x.m4s', uri).href)).toBeUndefined();
  });
});

describe('mediaKind', () => {
  it('believes the store, and the name only where the store knows nothing', () => {
    expect(mediaKind('video/mp4', 'x.bin')).toBe('video');
    expect(mediaKind('application/octet-stream', 'a/Song.MP3')).toBe('audio');
    expect(mediaKind(undefined, 'x.webp')).toBe('image');
    expect(mediaKind('application/pdf', 'x.mp4')).toBe('other');
  });

  it('tells streams, data and text from what is only downloaded', () => {
    expect(mediaKind('application/vnd.apple.mpegurl', 'x')).toBe('stream');
    expect(mediaKind('audio/mpegurl', 'x')).toBe('stream');
    expect(mediaKind(undefined, 'x/master.m3u8')).toBe('stream');
    expect(mediaKind('application/json; charset=utf-8', 'x')).toBe('json');
    expect(mediaKind('text/vtt', 'x')).toBe('text');
    expect(mediaKind('application/dash+xml', 'x')).toBe('text');
  });
});
