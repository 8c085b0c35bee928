import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { at, call, clip, make, text } from './testing/media-test.js';

let short: string;
let worse: string;
beforeAll(() => {
  const small = ['-vf', 'scale=160:120', '-c:v', 'libx264', '-preset', 'ultrafast'];
  short = make('-i', clip, '-t', '2', ...small, '-crf', '10', '-c:a', 'copy', at('short.mp4'));
  worse = make('-i', short, ...small, '-crf', '45', '-an', at('worse.mp4'));
});
const reference = 's3://media-in/reference';

describe('media.quality', () => {
  interface Quality {
    ssim: { average: number; minimum: number };
    psnr: { average: number };
  }

  it('is perfect for the same film, and less for a worse one', async () => {
    const same = await call<Quality>('quality', short, { reference }, { reference: short });
    expect(same.result).toMatchObject({ ssim: { average: 1, minimum: 1 }, psnr: { average: 100 }, frames: 20 });
    const { result } = await call<Quality>('quality', worse, { reference }, { reference: short });
    expect(result!.ssim.average).toBeLessThan(0.95);
    expect(result!.ssim.minimum).toBeLessThanOrEqual(result!.ssim.average);
    expect(result!.psnr.average).toBeLessThan(40);
  });

  it('refuses films that are not of the same length', async () => {
    expect(await call('quality', short, { reference }, { reference: clip })).toMatchObject({
      error: 'Media.InvalidInput',
      cause: expect.stringContaining('20 and 200 frames'),
    });
  });
});

describe('media.check', () => {
  interface Checked {
    passed: boolean;
    checks: { rule: string; passed: boolean; actual: unknown }[];
  }
  const failed = async (path: string, rules: object, more = {}, files = {}) =>
    (await call<Checked>('check', path, { rules, onFailure: 'report', ...more }, files)).result?.checks
      .filter(({ passed }) => !passed)
      .map(({ rule }) => rule);

  it('passes a film that is as it should be', async () => {
    const rules = {
      hasVideo: true,
      hasAudio: true,
      durationSeconds: 20,
      decodes: true,
      maxBlackFraction: 0.1,
      maxSilentFraction: 0.1,
      video: { codec: 'h264', width: 768, frames: 200 },
      audio: { channels: 2 },
      loudness: { lufs: -17.3 },
    };
    const { result } = await call<Checked>('check', clip, { rules });
    expect(result).toMatchObject({ passed: true });
    expect(result!.checks).toHaveLength(11);
  });

  it('names what is wrong, and fails with the evidence', async () => {
    const rules = { hasAudio: true, minSeconds: 5, video: { codec: 'hevc' }, maxSilentFraction: 0, minSsim: 0.99 };
    const files = { reference: short };
    expect(await failed(worse, rules, { reference }, files)).toEqual([
      'minSeconds',
      'hasAudio',
      'video.codec',
      'maxSilentFraction',
      'minSsim',
    ]);
    const outcome = await call('check', worse, { rules: { hasAudio: true } });
    expect(outcome).toMatchObject({
      error: 'Media.GateFailed',
      cause: expect.stringContaining('"rule":"hasAudio","wanted":true,"actual":false'),
    });
  });

  it('notices damage that a probe does not see', async () => {
    const bytes = Buffer.from(readFileSync(clip));
    for (let index = 300_000; index < 303_000; index += 7) bytes[index] = 0xff;
    writeFileSync(at('damaged.mp4'), bytes);
    expect(await failed(at('damaged.mp4'), { hasVideo: true, decodes: true })).toEqual(['decodes']);
  });

  it('wants a reference for a comparison', async () => {
    expect(await call('check', short, { rules: { minSsim: 0.9 } })).toMatchObject({
      cause: '/reference is required for /rules/minSsim',
    });
  });
});

describe('media.checksum', () => {
  interface Sums {
    sha256: string;
    streams: { sha256: string }[];
  }

  it('is what Node says of the file, and the same content in another container has the same sum', async () => {
    const { result } = await call<Sums>('checksum', short, { algorithms: ['sha256', 'md5'], content: true });
    const of = (name: string) => createHash(name).update(readFileSync(short)).digest('hex');
    expect(result).toMatchObject({ sha256: of('sha256'), md5: of('md5') });
    const other = await call<Sums>('checksum', make('-i', short, '-c', 'copy', at('other.mkv')), { content: true });
    expect(other.result?.sha256).not.toBe(result!.sha256);
    expect(other.result?.streams[0]?.sha256).toBe(result!.streams[0]!.sha256);
  });

  it('takes any file', async () => {
    expect((await call('checksum', text('notes.txt', 'hello'))).result).toMatchObject({ size: 5 });
  });
});
