import { describe, expect, it } from '@jest/globals';
import { clip, extract, probe, run, thumbnail, transcode } from './testing/media-test.js';

describe('parameters', () => {
  it.each([
    [{ video: { crf: 99 } }, '/video/crf must be at most 63'],
    [{ video: { crf: 60 } }, '/video/crf must be at most 51 for h264'],
    [{ video: { crf: 20, bitrate: '1M' } }, '/video/crf must not stand together with /video/bitrate'],
    [{ video: { heigth: 360 } }, '/video/heigth is not known; known are codec, width, height'],
    [{ video: { codec: 'vp9' } }, '/video/codec must be one of h264, hevc, av1 in mp4'],
    [{ video: { bitrate: 'fast' } }, '/video/bitrate must match'],
    [{ video: { bitrate: '9999M' } }, '/video/bitrate must be from 10000 to 200000000 bits per second'],
    [{ video: { preset: 'placebo; rm -rf /' } }, '/video/preset must be one of ultrafast'],
    [{ video: { width: 1.5 } }, '/video/width must be of type integer, not number'],
    [
      { audio: { codec: 'opus', sampleRate: 44_100 } },
      '/audio/sampleRate must be one of 8000, 12000, 16000, 24000, 48000 for opus',
    ],
    [{ container: 'avi' }, '/container must be one of mp4, mov, mkv, webm'],
    [{ maxDurationSeconds: 0 }, '/maxDurationSeconds must be greater than 0'],
    [{ source: 'http://example.org/a.mp4' }, '/source must match ^s3://'],
    [{ source: { bucket: 'media-in' } }, '/source/key is required'],
  ])('of media.transcode %j are refused by field and rule', async (event, message) => {
    expect(await transcode(clip, event)).toMatchObject({
      error: 'Media.InvalidParameters',
      cause: expect.stringContaining(message),
    });
  });

  it('are all told at once', async () => {
    const { cause } = await run('transcode', { container: 'avi', video: { crf: -1 } }, {});
    for (const field of ['/source is required', '/destination is required', '/container must', '/video/crf must'])
      expect(cause).toContain(field);
  });

  it('of the other functions are checked too', async () => {
    expect(await thumbnail(clip, { timeSeconds: 1, percent: 5 })).toMatchObject({
      cause: '/percent must not stand together with /timeSeconds',
    });
    expect(await extract(clip, { format: 'flac', bitrate: '128k' })).toMatchObject({
      cause: '/bitrate must not be given for flac, which is lossless',
    });
    expect(await probe(clip)).toMatchObject({ percents: [] });
    expect(await run('probe', [], { source: clip })).toMatchObject({
      error: 'Media.InvalidParameters',
      cause: '/ must be of type object, not array',
    });
  });
});
