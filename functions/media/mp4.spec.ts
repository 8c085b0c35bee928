import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { at, clip, type Facts, make, tools } from './testing/media-test.js';

/** The functions are modules that this test cannot require. */
function read<Result>(file: 'mp4' | 'pictures', name: string, path: string): Result | undefined {
  const from = pathToFileURL(join(__dirname, 'lib', `${file}.mjs`)).href;
  const code = `const { ${name} } = await import(${JSON.stringify(from)}); console.log(JSON.stringify(await ${name}(process.argv[1])) ?? '')`;
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', code, path], { encoding: 'utf8' }).trim();
  return text === '' ? undefined : (JSON.parse(text) as Result);
}
const readMp4 = (path: string) => read<Facts>('mp4', 'readMp4', path);

const size = (path: string) => read<{ width: number; height: number }>('pictures', 'readJpeg', path);

interface Told {
  streams: { codec_name: string; nb_read_packets: string; width?: number; height?: number; duration: string }[];
}
function told(path: string): Told {
  const args = ['-v', 'error', '-count_packets', '-show_streams', '-of', 'json', path];
  return JSON.parse(spawnSync(tools.ffprobe, args, { encoding: 'utf8' }).stdout) as Told;
}

const cases: [string, string[]][] = [
  ['H.264 with B frames and sound', ['-c:v', 'libx264', '-bf', '2', '-c:a', 'aac', '-f', 'mp4']],
  ['its index at the end', ['-c:v', 'libx264', '-an', '-f', 'mp4', '-movflags', '0']],
  ['HEVC', ['-c:v', 'libx265', '-x265-params', 'log-level=error', '-tag:v', 'hvc1', '-an', '-t', '2', '-f', 'mp4']],
  ['a varying rate', ['-vf', "select='mod(n,3)'", '-vsync', 'vfr', '-c:v', 'libx264', '-an', '-f', 'mp4']],
  ['fragments', ['-c', 'copy', '-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4']],
  ['sound alone', ['-vn', '-c:a', 'aac', '-movflags', '+faststart', '-f', 'ipod']],
  ['lossless sound', ['-vn', '-c:a', 'alac', '-f', 'ipod']],
  ['a rate beyond 16 bits', ['-vn', '-c:a', 'aac', '-ar', '96000', '-t', '3', '-f', 'ipod']],
];

describe('the boxes of an MP4', () => {
  it.each(cases)('tell of %s what ffprobe tells', (_, options) => {
    const path = make('-i', clip, ...options, at('boxes'));
    const facts = readMp4(path)!;
    const streams = told(path).streams;
    const found = [...facts.video, ...facts.audio];
    expect(found.map(({ codec }) => codec)).toEqual(streams.map(({ codec_name: codec }) => codec));
    expect(found.map(({ frames }) => frames)).toEqual(streams.map(({ nb_read_packets: count }) => Number(count)));
    for (const [index, { width, height, duration }] of streams.entries()) {
      if (width) expect(facts.video[index]).toMatchObject({ width, height });
      if (!options.includes('-movflags') || !options.includes('frag_keyframe+empty_moov'))
        expect(Math.abs((found[index] as unknown as { duration: number }).duration - Number(duration))).toBeLessThan(
          0.06,
        );
    }
  });

  it('say nothing of a file that is cut off, wherever it is', () => {
    for (const bytes of [20, 500, 3_000, 500_000]) {
      const path = make('-i', clip, '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', at('cut'));
      truncateSync(path, bytes);
      expect(readMp4(path)).toBeUndefined();
    }
  });

  it('say nothing of what is turned, or no MP4', () => {
    const turned = make('-i', clip, '-c', 'copy', '-metadata:s:v', 'rotate=90', '-t', '1', '-f', 'mp4', at('turned'));
    expect(readMp4(turned)).toBeUndefined();
    writeFileSync(at('text'), 'moovmoovmoovmoovmoov'.repeat(50));
    expect(readMp4(at('text'))).toBeUndefined();
    const lying = readFileSync(clip);
    lying.writeUInt32BE(0xffff_ffff, lying.indexOf('stsz') + 12);
    writeFileSync(at('lying'), lying);
    expect(readMp4(at('lying'))).toBeUndefined();
  });
});

it('a JPEG tells its size, and one that is cut off or none tells nothing', () => {
  const picture = make(
    '-i',
    clip,
    '-frames:v',
    '1',
    '-vf',
    'scale=96:54',
    '-f',
    'image2',
    '-c:v',
    'mjpeg',
    at('picture'),
  );
  expect(size(picture)).toMatchObject({ width: 96, height: 54 });
  copyFileSync(picture, at('half'));
  truncateSync(at('half'), 500);
  expect(size(at('half'))).toBeUndefined();
  expect(size(clip)).toBeUndefined();
});
