import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { at, call, clip, ffprobe, make, run, text, toFile, tools } from './testing/media-test.js';

const made = { destination: toFile };
const video = () => ({ video: at('made') });
const lavfi = (graph: string, name: string, ...more: string[]) => make('-f', 'lavfi', '-i', graph, ...more, at(name));
let short: string;
beforeAll(() => {
  const small = ['-vf', 'scale=160:120', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'copy'];
  short = make('-i', clip, '-t', '3', ...small, at('short.mp4'));
});

/** The mean of a part of the picture at a time: Y, from 0 to 255. */
function brightness(path: string, seconds: number, crop: string): number {
  const filter = `crop=${crop},scale=1:1:flags=area,format=gray`;
  const args = [
    '-v',
    'error',
    '-ss',
    String(seconds),
    '-i',
    path,
    '-frames:v',
    '1',
    '-vf',
    filter,
    '-f',
    'rawvideo',
    '-',
  ];
  return spawnSync(tools.ffmpeg, args).stdout[0] ?? -1;
}

describe('media.remux', () => {
  it.each([
    ['mkv', 'matroska'],
    ['ts', 'mpegts'],
    ['mov', 'mov'],
  ])('puts the same pictures into %s', async (container, format) => {
    const { result } = await call('remux', short, { ...made, container }, { media: at('made') });
    expect(result?.video).toMatchObject([{ codec: 'h264', frames: 30 }]);
    expect(ffprobe(at('made'), 'format=format_name')['format_name']).toContain(format);
  });

  it('puts the index of an MP4 first', async () => {
    await call('remux', make('-i', short, '-c', 'copy', at('late.mp4')), made, { media: at('made') });
    const head = readFileSync(at('made')).toString('latin1');
    expect(head.indexOf('moov')).toBeLessThan(head.indexOf('mdat'));
  });

  it('refuses a codec that the container cannot hold', async () => {
    expect(await call('remux', short, { ...made, container: 'webm' }, { media: at('made') })).toMatchObject({
      error: 'Media.Unsupported',
    });
  });
});

describe('media.trim', () => {
  it('cuts to the frame', async () => {
    const { result } = await call('trim', short, { ...made, startSeconds: 0.5, endSeconds: 1.7 }, video());
    expect(result?.video).toMatchObject([{ frames: 12 }]);
  });

  it('copies from the key frame before, if asked to', async () => {
    const event = { ...made, startSeconds: 5.5, endSeconds: 8, mode: 'copy' };
    const { result } = await call('trim', clip, event, video());
    expect(result?.video).toMatchObject([{ codec: 'h264', width: 768 }]);
  });

  it.each([
    [{ startSeconds: 2, endSeconds: 2 }, '/endSeconds must be greater than /startSeconds'],
    [{ startSeconds: 30 }, "/startSeconds must be less than the source's"],
  ])('refuses %j', async (span, cause) => {
    expect(await call('trim', short, { ...made, ...span }, video())).toMatchObject({
      cause: expect.stringContaining(cause),
    });
  });
});

describe('media.concat', () => {
  it('joins films of other sizes and rates, with and without sound', async () => {
    const silent = lavfi('testsrc=s=64x64:r=25:d=2', 'silent.mp4', '-pix_fmt', 'yuv420p');
    const event = { sources: ['s3://media-in/a', 's3://media-in/b'], ...made };
    const { result } = await run('concat', event, { sources: `${short},${silent}`, ...video() });
    expect(result?.video).toMatchObject([{ width: 160, height: 120, frames: 50 }]);
    expect(result).toMatchObject({
      hasAudio: true,
      parts: [
        { startSeconds: 0, seconds: 3 },
        { startSeconds: 3, seconds: 2 },
      ],
    });
    // Bars stand beside the square film.
    expect(brightness(at('made'), 4, '10:120:0:0')).toBeLessThan(24);
    expect(brightness(at('made'), 1, '10:120:0:0')).toBeGreaterThan(40);
  });

  it('joins two recordings in one file, of two sizes and with a clock that starts again, as long as they are', async () => {
    const recordings = [64, 96].map((width) =>
      readFileSync(lavfi(`testsrc=s=${width}x48:r=10:d=4`, `${width}.ts`, '-pix_fmt', 'yuv420p', '-c:v', 'libx264')),
    );
    writeFileSync(at('two'), Buffer.concat(recordings));
    const event = { sources: ['s3://media-in/a', 's3://media-in/b'], onDamage: 'tolerate', ...made };
    const { result } = await run('concat', event, { sources: `${short},${at('two')}`, ...video() });
    expect(result?.video).toMatchObject([{ width: 160, height: 120, frames: 110 }]);
    expect(result).toMatchObject({ parts: [{ seconds: 3 }, { startSeconds: 3, seconds: 8 }] });
  });
});

describe('media.watermark', () => {
  it('lays a picture over the corner, for the time that is asked for', async () => {
    const black = lavfi('color=black:s=160x120:r=10:d=3', 'black.mp4', '-pix_fmt', 'yuv420p');
    const logo = lavfi('color=white:s=40x40', 'logo.png', '-frames:v', '1');
    const event = {
      image: 's3://media-in/logo.png',
      ...made,
      relativeWidth: 0.25,
      marginPx: 0,
      opacity: 1,
      endSeconds: 1.5,
    };
    const { result } = await call('watermark', black, event, { image: logo, ...video() });
    expect(result?.video).toMatchObject([{ frames: 30 }]);
    expect(brightness(at('made'), 1, '30:30:125:85')).toBeGreaterThan(200);
    expect(brightness(at('made'), 1, '30:30:0:0')).toBeLessThan(24);
    expect(brightness(at('made'), 2, '30:30:125:85')).toBeLessThan(24);
  });

  it('refuses a picture that is none', async () => {
    const event = { image: 's3://media-in/logo.png', ...made };
    expect(await call('watermark', short, event, { image: text('logo.txt', 'x'), ...video() })).toMatchObject({
      error: 'Media.InvalidInput',
    });
  });
});

describe('subtitles', () => {
  const cues = [
    '1',
    '00:00:00,500 --> 00:00:01,000',
    'Hello',
    '',
    '2',
    '00:00:01,500 --> 00:00:02,500',
    'WWWWWWWW',
    '',
  ];

  it('are taken out as they were put in, by language', async () => {
    const film = make(
      '-i',
      short,
      '-i',
      text('in.srt', ...cues),
      '-c',
      'copy',
      '-c:s',
      'mov_text',
      '-metadata:s:s:0',
      'language=eng',
      at('with.mp4'),
    );
    const files = { subtitles: at('out') };
    const { result } = await call('extract-subtitles', film, { ...made, format: 'srt', language: 'eng' }, files);
    expect(result).toMatchObject({ cues: 2, language: 'eng' });
    expect(readFileSync(at('out'), 'utf8').trim()).toBe(cues.join('\n').trim());
    expect(await call('extract-subtitles', film, { ...made, language: 'deu' }, files)).toMatchObject({
      error: 'Media.NoSubtitleStream',
      cause: 'the source has no such subtitles, only: eng',
    });
  });

  it('are converted, from another encoding too', async () => {
    const latin = at('latin.srt');
    writeFileSync(latin, Buffer.from('1\n00:00:00,000 --> 00:00:01,000\nGrüße\n', 'latin1'));
    const event = { ...made, format: 'vtt', encoding: 'ISO-8859-1' };
    expect((await call('convert-subtitles', latin, event, { subtitles: at('out') })).result).toMatchObject({ cues: 1 });
    expect(readFileSync(at('out'), 'utf8')).toBe('WEBVTT\n\n00:00.000 --> 00:01.000\nGrüße\n');
  });

  it('are drawn into the picture when they are due', async () => {
    const black = lavfi('color=black:s=320x180:r=10:d=3', 'black.mp4', '-pix_fmt', 'yuv420p');
    const files = { subtitles: text('burn.srt', ...cues), ...video() };
    const { result } = await call(
      'burn-subtitles',
      black,
      { subtitles: 's3://media-in/s', ...made, fontSize: 40 },
      files,
    );
    expect(result).toMatchObject({ cues: 2, video: [{ frames: 30 }] });
    const [early, due] = [1.2, 2].map((seconds) => brightness(at('made'), seconds, '200:60:60:110'));
    expect(due).toBeGreaterThan(early! + 3);
  });
});

describe('media.preview', () => {
  it.each([
    ['gif', 'gif'],
    ['mp4', 'h264'],
  ])('makes a moving %s', async (format, codec) => {
    const { result } = await call(
      'preview',
      short,
      { ...made, format, width: 64, durationSeconds: 1 },
      { preview: at('made') },
    );
    expect(result).toMatchObject({ format, frames: 10, width: 64, height: 48 });
    expect(ffprobe(at('made'), 'stream=codec_name,nb_read_frames')).toMatchObject({
      codec_name: codec,
      nb_read_frames: '10',
    });
  });

  it('makes a moving webp', async () => {
    const { result } = await call(
      'preview',
      short,
      { ...made, width: 64, durationSeconds: 1 },
      { preview: at('made') },
    );
    expect(result).toMatchObject({ format: 'webp', frames: 10, width: 64, height: 48 });
    expect(readFileSync(at('made')).toString('latin1').split('ANMF')).toHaveLength(11);
  });
});

describe('media.transcode', () => {
  it('brings high dynamic range to standard, instead of grey colours', async () => {
    const hdr10 = [
      '-pix_fmt',
      'yuv420p10le',
      '-color_primaries',
      'bt2020',
      '-color_trc',
      'smpte2084',
      '-colorspace',
      'bt2020nc',
    ];
    const film = lavfi(
      'testsrc2=s=64x48:r=5:d=1',
      'hdr.mkv',
      '-c:v',
      'libx265',
      '-x265-params',
      'log-level=none',
      ...hdr10,
    );
    const { result } = await call('transcode', film, made, video());
    expect(result?.video).toMatchObject([{ hdr: false, pixelFormat: 'yuv420p' }]);
    expect(ffprobe(at('made'), 'stream=color_transfer')['color_transfer']).not.toBe('smpte2084');
  });

  it('puts key frames where renditions need them', async () => {
    await call('transcode', short, { ...made, video: { keyframeSeconds: 1 } }, video());
    const args = [
      '-v',
      'error',
      '-select_streams',
      'v',
      '-skip_frame',
      'nokey',
      '-show_entries',
      'frame=pts_time',
      '-of',
      'csv=p=0',
    ];
    const { stdout } = spawnSync(tools.ffprobe, [...args, at('made')], { encoding: 'utf8' });
    expect(
      stdout
        .trim()
        .split(/\s+/)
        .map((line) => Number.parseFloat(line)),
    ).toEqual([0, 1, 2]);
  });
});
