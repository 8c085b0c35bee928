import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { at, call, clip, make, objects, run, toFile, tools } from './testing/media-test.js';

interface Chunk {
  index: number;
  startSeconds: number;
  frames: number;
  durationSeconds: number;
}
interface Plan {
  duration: number;
  frames: number;
  frameRate?: string;
  videoStartSeconds: number;
  rungs: { name: string; width: number; height: number; maxBitrate: number }[];
  chunks: Chunk[];
}
interface Encoded {
  bucket: string;
  key: string;
  frames: number;
  durationSeconds: number;
}

const plan = async (path: string, event = {}) => (await call<Plan>('plan', path, event)).result!;

/** Every picture's time, in order, as ffprobe tells it. */
function times(path: string): number[] {
  const args = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path];
  const { stdout } = spawnSync(tools.ffprobe, args, { encoding: 'utf8' });
  return stdout
    .trim()
    .split(/\s+/)
    .map((line) => Number.parseFloat(line))
    .toSorted((a, b) => a - b);
}

async function encodeAll(path: string, { chunks, frameRate }: Plan) {
  const files: string[] = [];
  const done: Encoded[] = [];
  for (const chunk of chunks) {
    files.push(at(`chunk-${chunk.index}`));
    const event = { destination: toFile, chunk, frameRate, video: { preset: 'ultrafast', keyframeSeconds: 1 } };
    done.push((await call<Encoded>('encode-chunk', path, event, { chunk: files.at(-1)! })).result!);
  }
  return { files, done };
}

async function merge(path: string, planned: Plan, audio?: string) {
  const { files, done } = await encodeAll(path, planned);
  const { videoStartSeconds } = planned;
  const event = { chunks: done, videoStartSeconds, destination: toFile, ...(audio && { audio: toFile }) };
  return run<{ frames: number; avOffsetMs: number }>('merge-chunks', event, {
    chunks: `${files.join(',')},`,
    ...(audio && { audio }),
    video: at('merged'),
  });
}

const digest = (path: string) => spawnSync('cksum', [path], { encoding: 'utf8' }).stdout.split(' ')[0];

const bars = (name: string, ...more: string[]) =>
  make('-f', 'lavfi', '-i', 'testsrc=s=64x48:r=30000/1001:d=5', '-pix_fmt', 'yuv420p', ...more, at(name));

describe('media.plan', () => {
  it('plans rungs by the height, and chunks that hold every frame once', async () => {
    const planned = await plan(clip, { chunkSeconds: 8, maxRungs: 3 });
    expect(planned).toMatchObject({ frames: 200, frameRate: '10/1', duration: 20 });
    expect(planned.rungs.map(({ name, width }) => [name, width])).toEqual([
      ['576p', 768],
      ['480p', 640],
      ['360p', 480],
    ]);
    expect(planned.chunks).toEqual([
      { index: 0, startSeconds: 0, frames: 80, durationSeconds: 8 },
      { index: 1, startSeconds: 8, frames: 120, durationSeconds: 12 },
    ]);
  });

  it('chooses the length by how many executors there are, and never below ten seconds', async () => {
    expect((await plan(clip, { parallel: 2 })).chunks).toHaveLength(2);
    expect((await plan(clip, { parallel: 64 })).chunks).toHaveLength(2);
    expect((await plan(clip, { parallel: 1 })).chunks).toHaveLength(1);
  });

  it('makes as many chunks as there are executors, if nothing else is said', async () => {
    const long = make('-f', 'lavfi', '-i', 'testsrc=s=64x36:r=5:d=60', '-pix_fmt', 'yuv420p', at('long.mp4'));
    const planned = (env: Record<string, string>, event = {}) =>
      run<Plan>('plan', { source: objects.source, ...event }, { source: long }, env);
    const count = async (...given: Parameters<typeof planned>) => (await planned(...given)).result?.chunks.length;
    expect(await count({ SPOOL_EXECUTORS: '4' })).toBe(4);
    expect(await count({ SPOOL_EXECUTORS: '1' })).toBe(2);
    expect(await count({})).toBe(2);
    expect(await count({ SPOOL_EXECUTORS: '4' }, { parallel: 3 })).toBe(3);
  });

  it('gives a film that stands upright the rungs of its short side', async () => {
    const upright = make('-f', 'lavfi', '-i', 'testsrc=s=360x640:r=5:d=1', '-pix_fmt', 'yuv420p', at('upright.mp4'));
    expect((await plan(upright, { maxRungs: 2 })).rungs).toMatchObject([
      { name: '360p', width: 360, height: 640 },
      { name: '240p', width: 240 },
    ]);
  });
});

/** Each picture has its number in eight bars, which are white or black. */
const numbered = [
  '-f',
  'lavfi',
  '-i',
  'nullsrc=s=128x32:r=25:d=6,format=gray,geq=lum=255*mod(floor(N/pow(2\\,floor(X/16)))\\,2)',
];
const sound = ['-f', 'lavfi', '-i', 'sine=d=7'];
const x264 = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-c:a', 'aac'];

/** The numbers of all pictures. */
function numbers(path: string): number[] {
  const small = ['-vf', 'scale=8:1:flags=area,format=gray', '-vsync', 'passthrough', '-f', 'rawvideo', '-'];
  const { stdout } = spawnSync(tools.ffmpeg, ['-v', 'error', '-i', path, '-map', '0:v', ...small]);
  return Array.from({ length: stdout.length / 8 }, (_, index) =>
    [...stdout.subarray(index * 8, index * 8 + 8)].reduce((sum, luma, bit) => sum + (luma > 127 ? 2 ** bit : 0), 0),
  );
}
const inOrder = Array.from({ length: 150 }, (_, index) => index);

describe('a film encoded in chunks', () => {
  it.each([
    ['with open groups of pictures', ['-x264-params', 'open-gop=1:keyint=50:bframes=3:scenecut=0']],
    ['with one key frame for all', ['-g', '999', '-bf', '2']],
  ])('%s has every frame at its time', async (_what, options) => {
    const film = bars('film.mp4', '-c:v', 'libx264', ...options);
    const planned = await plan(film, { segmentSeconds: 1, chunkSeconds: 2 });
    expect(planned).toMatchObject({ frames: 150, frameRate: '30000/1001' });
    expect(planned.chunks.length).toBeGreaterThan(1);
    expect((await merge(film, planned)).result).toMatchObject({ frames: 150 });
    const [before, after] = [times(film), times(at('merged'))];
    const drift = after.map((time, index) => Math.abs(time - after[0]! - (before[index]! - before[0]!)));
    expect(Math.max(...drift)).toBeLessThan(0.000_1);
  });

  it('of varying rate keeps the times of its pictures', async () => {
    const film = bars('vfr.mp4', '-vf', "select='mod(n,7)*mod(n,3)'", '-vsync', 'vfr', '-c:v', 'libx264');
    const planned = await plan(film, { segmentSeconds: 1, chunkSeconds: 2 });
    expect(planned.frameRate).toBeUndefined();
    expect((await merge(film, planned)).result).toMatchObject({ frames: planned.frames });
    const [before, after] = [times(film), times(at('merged'))];
    const drift = after.map((time, index) => Math.abs(time - after[0]! - (before[index]! - before[0]!)));
    expect(Math.max(...drift)).toBeLessThan(0.000_2);
  });

  it('has its sound at the same time as its picture', async () => {
    const film = make('-i', clip, '-t', '6', '-vf', 'scale=64:48', '-c:v', 'libx264', '-c:a', 'copy', at('av.mp4'));
    const audio = make('-i', film, '-vn', '-c:a', 'aac', at('av.m4a'));
    const { result } = await merge(film, await plan(film, { segmentSeconds: 1, chunkSeconds: 2 }), audio);
    expect(Math.abs(result!.avOffsetMs)).toBeLessThan(1);
  });

  it('has each of its pictures once, of a transport stream too, which cannot be sought in', async () => {
    const film = make(...numbered, ...sound, ...x264, '-g', '40', '-shortest', '-f', 'mpegts', at('film.ts'));
    expect(numbers(film)).toEqual(inOrder);
    const planned = await plan(film, { segmentSeconds: 1, chunkSeconds: 1 });
    expect(planned.chunks.map(({ frames }) => frames)).toEqual([40, 40, 40, 30]);
    await merge(film, planned);
    expect(numbers(at('merged'))).toEqual(inOrder);
  });

  it('whose picture begins after its sound has it there again', async () => {
    const whole = make(...numbered, ...x264, at('whole.mp4'));
    const film = make(
      ...sound,
      '-itsoffset',
      '0.72',
      '-i',
      whole,
      '-map',
      '0:a',
      '-map',
      '1:v',
      '-c:v',
      'copy',
      at('late.mkv'),
    );
    const planned = await plan(film, { segmentSeconds: 1, chunkSeconds: 2 });
    expect(planned.videoStartSeconds).toBeCloseTo(0.72, 1);
    const { result } = await merge(film, planned, make('-i', film, '-vn', '-c:a', 'aac', at('late.m4a')));
    expect(numbers(at('merged'))).toEqual(inOrder);
    // To the millisecond in which an MP4 counts.
    expect(Math.abs(result!.avOffsetMs + 1_000 * planned.videoStartSeconds)).toBeLessThan(2);
    expect(times(at('merged'))[0]).toBeCloseTo(planned.videoStartSeconds, 2);
  });

  it('is refused when a chunk is not what it says, and is the same bytes when it is made again', async () => {
    const film = bars('again.mp4', '-c:v', 'libx264');
    const planned = await plan(film, { segmentSeconds: 1, chunkSeconds: 2 });
    const { files, done } = await encodeAll(film, planned);
    const lying = [{ ...done[0]!, frames: done[0]!.frames - 1 }, ...done.slice(1)];
    const outcome = await run(
      'merge-chunks',
      { chunks: lying, destination: toFile },
      { chunks: `${files.join(',')},`, video: at('merged') },
    );
    expect(outcome).toMatchObject({ error: 'Media.InvalidInput', cause: expect.stringContaining('chunk 0 has') });
    const before = digest(files[1]!);
    await encodeAll(film, planned);
    expect(digest(files[1]!)).toBe(before);
  });

  it('fails where the source ends before the chunk does', async () => {
    const chunk = { index: 0, startSeconds: 4, frames: 500, durationSeconds: 16 };
    const film = bars('early.mp4', '-c:v', 'libx264');
    expect(await call('encode-chunk', film, { destination: toFile, chunk }, { chunk: at('chunk') })).toMatchObject({
      error: 'Media.TruncatedInput',
    });
  });
});
