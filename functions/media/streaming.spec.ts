import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as hls from 'hls-parser';
import { parse as parseMpd } from 'mpd-parser';
import { at, call, clip, make, run, toFolder, tools } from './testing/media-test.js';

interface Packaged {
  streams: { name: string; codec: string; bandwidth: number; averageBandwidth: number; segments: number }[];
}
const webvtt = createRequire(__filename)('node-webvtt') as {
  parse(text: string, options: object): { valid: boolean; cues: { start: number; end: number; text: string }[] };
};
const read = (...path: string[]) => readFileSync(at(join(...path)), 'utf8');

/** Frames of a stream as ffmpeg's own players of HLS and DASH count them. */
function played(path: string, stream = 'v:0'): number[] {
  const args = [
    '-v',
    'error',
    '-select_streams',
    stream,
    '-count_packets',
    '-show_entries',
    'stream=nb_read_packets',
    '-of',
    'csv=p=0',
    at(path),
  ];
  const allow = ['-allowed_extensions', 'ALL'];
  const { stdout, stderr } = spawnSync(tools.ffprobe, [...(path.endsWith('8') ? allow : []), ...args], {
    encoding: 'utf8',
  });
  if (stderr) throw new Error(stderr);
  return [
    ...new Set(
      stdout
        .trim()
        .split(/\s+/)
        .map((line) => Number.parseInt(line, 10)),
    ),
  ].filter((count) => count > 0);
}

const largest = (folder: string) =>
  Math.max(
    ...readdirSync(at(folder))
      .filter((file) => file.endsWith('.m4s'))
      .map((file) => statSync(at(join(folder, file))).size * 8),
  );

const item = (name: string) => ({ bucket: 'media-out', key: name, name });
/** Six seconds with a key frame every so many. */
const rendition = (name: string, height: number, frames: number) => {
  const video = ['-vf', `scale=-2:${height}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', `${frames}`];
  return make('-i', clip, '-t', '6', '-an', ...video, '-keyint_min', `${frames}`, '-sc_threshold', '0', at(name));
};
const pack = (files: string[], names: string[]) =>
  run<Packaged>(
    'package',
    { renditions: names.map(item), destination: toFolder, segmentSeconds: 2 },
    { renditions: `${files.join(',')},`, stream: at('packed') },
  );

describe('media.ladder', () => {
  it('makes a ladder that two parsers and a player of each kind agree on', async () => {
    const film = make(
      '-i',
      clip,
      '-t',
      '6',
      '-vf',
      'scale=320:240',
      '-preset',
      'ultrafast',
      '-c:a',
      'copy',
      at('film.mp4'),
    );
    const event = { destination: toFolder, segmentSeconds: 2 };
    const { result, percents } = await call<Packaged>('ladder', film, event, { stream: at('ladder') });
    expect(result?.streams.map(({ name, segments }) => [name, segments])).toEqual([
      ['240p', 3],
      ['144p', 3],
      ['audio', expect.any(Number)],
    ]);
    expect(percents.at(-1)).toBe(100);
    const master = hls.parse(read('ladder/master.m3u8')) as hls.types.MasterPlaylist;
    expect(master.variants.map(({ resolution, codecs, frameRate }) => ({ resolution, codecs, frameRate }))).toEqual([
      { resolution: { width: 320, height: 240 }, codecs: 'avc1.64000c,mp4a.40.2', frameRate: 10 },
      {
        resolution: { width: 192, height: 144 },
        codecs: expect.stringMatching(/^avc1\.6400\w\w,mp4a\.40\.2$/),
        frameRate: 10,
      },
    ]);
    const lengths = master.variants.map(({ uri }) => {
      const { segments } = hls.parse(read('ladder', uri)) as hls.types.MediaPlaylist;
      return segments.map(({ duration }) => duration);
    });
    expect(lengths).toEqual([
      [2, 2, 2],
      [2, 2, 2],
    ]);
    expect(played('ladder/240p/index.m3u8')).toEqual([60]);
    expect(played('ladder/manifest.mpd', 'v:1')).toEqual([60]);
    const mpd = parseMpd(read('ladder/manifest.mpd'), { manifestUri: 'http://localhost/manifest.mpd' });
    const listed = mpd.playlists.flatMap(({ segments }) => segments.map(({ uri, map }) => [uri, map.uri]));
    const there = new Set(readdirSync(at('ladder'), { recursive: true, encoding: 'utf8' }));
    expect(listed).toHaveLength(6);
    expect(listed.flat().filter((uri) => !there.has(uri))).toEqual([]);
    // No less is promised than the largest segment needs.
    const [video, audio] = [result!.streams[0]!, result!.streams[2]!];
    expect(video.bandwidth).toBeGreaterThanOrEqual(largest('ladder/240p') / 2);
    expect(master.variants[0]).toMatchObject({ bandwidth: video.bandwidth + audio.bandwidth });
  });
});

describe('media.package', () => {
  it('packages renditions whose key frames are at the same times, and refuses others', async () => {
    const [small, tiny, other] = [rendition('a.mp4', 96, 20), rendition('b.mp4', 64, 20), rendition('c.mp4', 80, 30)];
    const { result } = await pack([small, tiny], ['96p', '64p']);
    expect(result?.streams.map(({ segments }) => segments)).toEqual([3, 3]);
    expect(played('packed/64p/index.m3u8')).toEqual([60]);
    expect(await pack([small, other], ['96p', '80p'])).toMatchObject({
      error: 'Media.InvalidInput',
      cause: expect.stringContaining('the same keyframeSeconds'),
    });
    expect(await pack([small, tiny], ['96p', '96p'])).toMatchObject({
      cause: '/renditions/1/name must not be 96p again',
    });
  });

  it('refuses names that would lead out of the folder, and codecs it does not know', async () => {
    const film = make('-i', clip, '-t', '1', '-an', '-c:v', 'libx264', '-vf', 'scale=64:48', at('film.mp4'));
    expect(await pack([film], ['../evil'])).toMatchObject({ error: 'Media.InvalidParameters' });
    const old = make('-i', clip, '-t', '1', '-an', '-c:v', 'mpeg4', at('old.mp4'));
    expect(await pack([old], ['old'])).toMatchObject({ error: 'Media.Unsupported' });
  });
});

describe('media.sprites', () => {
  it('puts a picture of each interval where the track says', async () => {
    // 10 pictures a second whose brightness is the second they are in.
    const graph = 'nullsrc=s=64x48:r=10:d=7,geq=lum=32*floor(N/10)+16:cb=128:cr=128';
    const film = make(
      '-f',
      'lavfi',
      '-i',
      graph,
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'libx264',
      '-qp',
      '0',
      at('steps.mp4'),
    );
    const event = { destination: toFolder, intervalSeconds: 2, tileWidth: 32, columns: 2, rows: 1 };
    const { result } = await call<object>('sprites', film, event, { sprites: at('sprites') });
    expect(result).toMatchObject({
      images: ['sprite-001.jpg', 'sprite-002.jpg'],
      tiles: 4,
      sheets: 2,
      tile: { width: 32, height: 24 },
    });
    const track = webvtt.parse(read('sprites/sprites.vtt'), { strict: true });
    expect(track.cues.map(({ start, end, text }) => [start, end, text])).toEqual([
      [0, 2, 'sprite-001.jpg#xywh=0,0,32,24'],
      [2, 4, 'sprite-001.jpg#xywh=32,0,32,24'],
      [4, 6, 'sprite-002.jpg#xywh=0,0,32,24'],
      [6, 7, 'sprite-002.jpg#xywh=32,0,32,24'],
    ]);
    const bright = ['001', '002'].flatMap((sheet) => {
      const args = [
        '-v',
        'error',
        '-i',
        at(`sprites/sprite-${sheet}.jpg`),
        '-vf',
        'scale=2:1:flags=area:in_range=full:out_range=limited,format=gray',
        '-f',
        'rawvideo',
        '-',
      ];
      return [...spawnSync(tools.ffmpeg, args).stdout];
    });
    // Seconds 0, 2, 4 and 6.
    for (const [index, value] of bright.entries()) expect(Math.abs(value - (64 * index + 16))).toBeLessThan(24);
  });
});
