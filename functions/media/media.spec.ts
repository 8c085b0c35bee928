import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { at, call, clip, extract, ffprobe, make, objects, probe, thumbnail } from './testing/media-test.js';

describe('media.probe', () => {
  it('tells the facts of a film as ffprobe sees them', async () => {
    const { result } = await probe(clip);
    const seen = ffprobe(clip, 'format=duration,size:stream=width,height');
    expect(result).toMatchObject({ kind: 'video', format: 'mp4', hasVideo: true, hasAudio: true, attachedPictures: 0 });
    expect(result).toMatchObject({ duration: Number(seen['duration']), size: Number(seen['size']) });
    expect(result?.video).toMatchObject([
      { codec: 'h264', width: 768, height: 576, rotation: 0, frames: 200, frameRate: 10 },
    ]);
    expect(result?.audio).toMatchObject([{ codec: 'aac', channels: 2, sampleRate: 48_000 }]);
  });

  it('tells the size as displayed of a film that is turned when it is played', async () => {
    const film = make('-i', clip, '-t', '1', '-c', 'copy', '-metadata:s:v:0', 'rotate=90', at('turned.mp4'));
    const { result } = await probe(film);
    expect(result?.video).toMatchObject([{ width: 576, height: 768, codedWidth: 768, codedHeight: 576 }]);
    expect([90, 270]).toContain(result?.video[0]?.rotation);
  });

  it('takes a cover picture in a song for a picture, not for a video', async () => {
    const cover = make('-i', clip, '-frames:v', '1', at('cover.png'));
    const song = make(
      '-t',
      '2',
      '-i',
      clip,
      '-i',
      cover,
      '-map',
      '0:a',
      '-map',
      '1:v',
      '-c:v',
      'copy',
      '-c:a',
      'libmp3lame',
      '-disposition:v',
      'attached_pic',
      at('song.mp3'),
    );
    expect((await probe(song)).result).toMatchObject({
      kind: 'audio',
      hasVideo: false,
      hasAudio: true,
      attachedPictures: 1,
    });
    expect(await thumbnail(song)).toMatchObject({ error: 'Media.NoVideoStream' });
  });

  it('tells a clock that goes with a film, and media.remux whether it could keep it', async () => {
    const start = expect.stringMatching(/^01:00:00:0/);
    const film = make('-i', clip, '-t', '1', '-c', 'copy', '-timecode', '01:00:00:00', at('clock.mov'));
    expect((await probe(film)).result).toMatchObject({ timecode: start, data: [{ index: 2, codec: 'tmcd' }] });
    const remux = (container: string) =>
      call<object>('remux', film, { destination: objects.destination, container }, { media: at('made') });
    expect((await remux('mkv')).result).toMatchObject({ dropped: [{ codec: 'tmcd', timecode: start }] });
    expect((await remux('mov')).result).not.toHaveProperty('dropped');
  });

  it('says what is the matter with a WebP that moves', async () => {
    const moving = make('-t', '1', '-i', clip, '-vf', 'scale=64:48', '-loop', '0', at('moving.webp'));
    expect(await probe(moving)).toMatchObject({
      error: 'Media.Unsupported',
      cause: expect.stringContaining('a WebP that moves (animated)'),
    });
  });

  it('cuts a tag of 100 KB to 1 KB', async () => {
    const film = make('-i', clip, '-t', '1', '-c', 'copy', '-metadata', `title=${'é'.repeat(50_000)}`, at('tag.mkv'));
    const title = (await probe(film)).result?.tags['title'] ?? '';
    expect(Buffer.byteLength(title)).toBe(1_024);
    expect(title).toMatch(/^é+$/);
  });
});

describe('media.thumbnail', () => {
  it.each([
    ['jpg', 'mjpeg'],
    ['png', 'png'],
    ['webp', 'webp'],
  ])('takes a picture as %s', async (format, codec) => {
    const { result } = await thumbnail(clip, { format, width: 200, percent: 50 });
    expect(result).toMatchObject({ format, width: 200, height: 150, timeSeconds: 10, object: objects.destination });
    expect(ffprobe(at('made'), 'stream=codec_name,width,height')).toMatchObject({
      codec_name: codec,
      width: '200',
      height: '150',
    });
  });

  it('takes the last frame for a time past the end', async () => {
    const { result } = await thumbnail(clip, { timeSeconds: 1_000 });
    expect(result?.timeSeconds).toBeCloseTo(19.9, 3);
    expect(statSync(at('made')).size).toBeGreaterThan(1_000);
  });

  it('takes the first picture of a film that ends before the time', async () => {
    writeFileSync(at('half.mp4'), readFileSync(clip).subarray(0, statSync(clip).size / 2));
    expect((await thumbnail(at('half.mp4'), { timeSeconds: 19 })).result).toMatchObject({ timeSeconds: 0 });
  });
});

describe('media.extract-audio', () => {
  it.each([
    ['m4a', 'aac'],
    ['mp3', 'mp3'],
    ['opus', 'opus'],
    ['flac', 'flac'],
    ['wav', 'pcm_s16le'],
  ])('takes the sound out as %s', async (format, codec) => {
    const { result, percents } = await extract(clip, { format });
    expect(result).toMatchObject({ kind: 'audio', hasVideo: false, audio: [{ codec, channels: 2 }] });
    expect(result?.duration).toBeCloseTo(20, 0);
    expect(percents.at(-1)).toBe(100);
  });

  it('mixes down and changes the rate', async () => {
    const { result } = await extract(clip, { format: 'wav', channels: 1, sampleRate: 16_000 });
    expect(result?.audio).toMatchObject([{ channels: 1, sampleRate: 16_000 }]);
  });

  it('refuses a film without sound', async () => {
    const mute = make('-i', clip, '-t', '1', '-an', '-c', 'copy', at('mute.mp4'));
    expect(await extract(mute)).toMatchObject({ error: 'Media.NoAudioStream' });
  });
});
