import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { at, call, clip, ffprobe, make, run, toFile, transcode, type Facts } from './testing/media-test.js';

interface Damage {
  errors: number;
  firstSeconds: number;
  lastSeconds: number;
  places: { stream: string; seconds: number; says: string }[];
  missingSeconds?: number;
  missingFrames?: number;
}
type Damaged<More = object> = More & { damage?: Damage };
const quick = { video: { preset: 'ultrafast' } };
const tolerate = { ...quick, onDamage: 'tolerate' };

let film: string;
/** Its middle, about the fourth second, is not what it was. */
let damaged: string;
let stream: string;
beforeAll(() => {
  const x264 = ['-vf', 'scale=160:120', '-c:v', 'libx264', '-preset', 'veryfast', '-g', '20', '-sc_threshold', '0'];
  film = make('-t', '8', '-i', clip, ...x264, '-c:a', 'aac', '-movflags', '+faststart', at('film.mp4'));
  const bytes = readFileSync(film);
  const middle = Math.floor((bytes.indexOf('mdat') + bytes.length) / 2);
  for (let place = middle; place < middle + 1_500; place += 7) bytes[place] = 0xff;
  writeFileSync((damaged = at('damaged.mp4')), bytes);
  stream = make('-i', film, '-c', 'copy', '-f', 'mpegts', at('film.ts'));
});

/** A transport stream without some of its packets of 188 bytes. */
function without(from: number, count: number): string {
  const bytes = readFileSync(stream);
  writeFileSync(at('lacking.ts'), Buffer.concat([bytes.subarray(0, from * 188), bytes.subarray((from + count) * 188)]));
  return at('lacking.ts');
}
const packets = () => readFileSync(stream).length / 188;

const inTheMiddle = ({ firstSeconds, lastSeconds }: Damage) => firstSeconds > 2 && lastSeconds < 6.5;

describe('damage in the middle of a source', () => {
  it('ends an encoding by name, with the place', async () => {
    const outcome = await transcode(damaged, quick);
    expect(outcome.error).toBe('Media.InvalidInput');
    const [, seconds] = /^the source is damaged at ([\d.]+) s \((?:video|audio)\): /.exec(outcome.cause ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(2);
    expect(Number(seconds)).toBeLessThan(6.5);
    expect(outcome.cause).toContain('"onDamage": "tolerate"');
  });

  it('is told with the result where it is to be tolerated', async () => {
    const { result, error } = (await transcode(damaged, tolerate)) as { result?: Damaged<Facts>; error?: string };
    expect(error).toBeUndefined();
    expect(inTheMiddle(result!.damage!)).toBe(true);
    expect(result!.damage!.errors).toBeGreaterThan(0);
    expect(result!.damage!.places.length).toBeLessThanOrEqual(10);
    expect(Number(ffprobe(at('made'), 'stream=nb_read_frames')['nb_read_frames'])).toBeGreaterThan(70);
  });

  it('is not told of what is whole', async () => {
    const { result } = (await transcode(film, quick)) as { result?: Damaged<Facts> };
    expect(result).toMatchObject({ video: [{ frames: 80 }] });
    expect(result).not.toHaveProperty('damage');
  });

  it('that is a lack of packets is damage too; a recording that begins in the middle of something is not', async () => {
    const lacking = without(Math.floor(packets() / 2), 25);
    expect(await transcode(lacking, quick)).toMatchObject({ error: 'Media.InvalidInput' });
    const { result } = (await transcode(lacking, tolerate)) as { result?: Damaged<Facts> };
    expect(inTheMiddle(result!.damage!)).toBe(true);
    const late = (await transcode(without(3, Math.floor(packets() / 20)), quick)) as { result?: Damaged<Facts> };
    expect(late.error).toBeUndefined();
    expect(late.result).not.toHaveProperty('damage');
  });

  it('that has taken the end away is told by how much is missing', async () => {
    const bytes = readFileSync(film);
    writeFileSync(at('half.mp4'), bytes.subarray(0, Math.floor(bytes.length * 0.7)));
    expect(await transcode(at('half.mp4'), quick)).toMatchObject({ error: 'Media.TruncatedInput' });
    const { result } = (await transcode(at('half.mp4'), tolerate)) as { result?: Damaged<Facts> };
    expect(result!.damage!.missingSeconds! + result!.duration).toBeCloseTo(8, 0);
  });

  it('ends the chunk that it is in, or is told by it and by the whole, which has all frames', async () => {
    const chunks = [0, 1, 2, 3].map((index) => ({ index, startSeconds: 2 * index, frames: 20, durationSeconds: 2 }));
    const encode = (chunk: { index: number }, onDamage?: string) => {
      const event = { chunk, frameRate: '10/1', ...quick, destination: toFile, ...(onDamage && { onDamage }) };
      return call<Damaged>('encode-chunk', damaged, event, { chunk: at(`chunk-${chunk.index}`) });
    };
    const failed = [];
    for (const chunk of chunks) failed.push((await encode(chunk)).error);
    expect(failed.filter(Boolean)).toEqual(expect.arrayContaining(['Media.InvalidInput']));
    // Key frames are two seconds apart, and damage does not reach over one.
    expect([failed[0], failed[3]]).toEqual([undefined, undefined]);
    const done = [];
    for (const chunk of chunks) done.push((await encode(chunk, 'tolerate')).result!);
    expect(done.filter(({ damage }) => damage)).toHaveLength(failed.filter(Boolean).length);
    const merged = await run<Damaged<{ frames: number }>>(
      'merge-chunks',
      { chunks: done, destination: toFile },
      { chunks: `${chunks.map(({ index }) => at(`chunk-${index}`)).join(',')},`, video: at('merged') },
    );
    expect(merged.result).toMatchObject({ frames: 80 });
    expect(merged.result!.damage!.places[0]).toMatchObject({ stream: 'video' });
    expect(inTheMiddle(merged.result!.damage!)).toBe(true);
  });

  it('is told by functions that only look', async () => {
    const looked = await call<Damaged>('detect-black', damaged);
    expect(looked.result!.damage!.places[0]).toMatchObject({ stream: 'video', seconds: expect.any(Number) });
    expect((await call<Damaged>('detect-black', film)).result).not.toHaveProperty('damage');
  });

  it('is named with its places by a gate', async () => {
    const event = { rules: { decodes: true }, onFailure: 'report' };
    const { result } = await call<{ checks: { passed: boolean; damage: Damage }[] }>('check', damaged, event);
    expect(result!.checks[0]).toMatchObject({ rule: 'decodes', passed: false });
    expect(inTheMiddle(result!.checks[0]!.damage)).toBe(true);
  });
});
