import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { at, clip, ffprobe, make, transcode, tools } from './testing/media-test.js';

interface Encoded {
  error?: string;
  cause?: string;
  result?: { encoder: string; failedEncoders?: { encoder: string; error: string }[] };
}
const small = () =>
  make('-f', 'lavfi', '-i', 'testsrc=s=320x240:r=10:d=2', '-pix_fmt', 'yuv420p', at('two-seconds.mp4'));
const encode = (video: object, env: Record<string, string>): Promise<Encoded> =>
  transcode(small(), { video: { height: 120, ...video }, audio: { codec: 'none' } }, env) as Promise<Encoded>;

/** As if this machine had the hardware: what asks for it gets libx264. */
function withHardware(name: string, otherwise = 'args+=("$a")'): string {
  const path = at(`ffmpeg-${name}`);
  const swap = `case "$a" in h264_nvenc) args+=(libx264);; -cq) args+=(-crf);; p[1-7]) args+=(fast);; -rc|-forced-idr) skip=1;; *) ${otherwise};; esac`;
  const loop = `for a in "$@"; do if [ "$skip" = 1 ]; then skip=0; else ${swap}; fi; done`;
  const software = `[[ " $* " == *h264_nvenc* ]] || exec '${tools.ffmpeg}' "$@"`;
  writeFileSync(path, `#!/bin/bash\n${software}\nargs=(); skip=0\n${loop}\nexec '${tools.ffmpeg}' "\${args[@]}"\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('a film that is encoded', () => {
  it('takes the first hardware encoder that works on the executor', async () => {
    const FFMPEG_PATH = withHardware('nvenc');
    const { result } = await encode({}, { FFMPEG_PATH, SPOOL_ENCODERS: 'libx264,h264_nvenc' });
    expect(result).toMatchObject({ encoder: 'h264_nvenc' });
    expect(result).not.toHaveProperty('failedEncoders');
    expect(ffprobe(at('made'), 'stream=codec_name,nb_read_frames')).toEqual({
      codec_name: 'h264',
      nb_read_frames: '20',
    });
  });

  it.each(['h264_nvenc', 'h264_vaapi', 'h264_qsv'])(
    'takes the software when %s fails, and says so',
    async (encoder) => {
      const { result } = await encode({}, { SPOOL_ENCODERS: `libx264,${encoder}` });
      expect(result).toMatchObject({
        encoder: 'libx264',
        failedEncoders: [
          { encoder, error: expect.stringMatching(/^Media\.(HardwareUnavailable|Unsupported|Failed)$/) },
        ],
      });
      expect(ffprobe(at('made'), 'stream=nb_read_frames')).toEqual({ nb_read_frames: '20' });
    },
  );

  it('takes the software when what the hardware made is not what was asked for', async () => {
    const FFMPEG_PATH = withHardware('lossy', 'args+=("${a/scale=160:120/scale=80:60}")');
    const { result } = await encode({}, { FFMPEG_PATH, SPOOL_ENCODERS: 'h264_nvenc' });
    expect(result?.failedEncoders?.[0]).toMatchObject({ encoder: 'h264_nvenc', error: 'Media.BadOutput' });
  });

  it('fails where the hardware is asked for and there is none, and never tries it where the software is', async () => {
    const env = { SPOOL_ENCODERS: 'libx264,h264_nvenc' };
    expect(await encode({ acceleration: 'hardware' }, env)).toMatchObject({
      error: 'Media.HardwareUnavailable',
      cause: expect.stringContaining('h264_nvenc'),
    });
    expect(await encode({ acceleration: 'hardware' }, { SPOOL_ENCODERS: 'libx264' })).toMatchObject({
      error: 'Media.HardwareUnavailable',
    });
    const { result } = await encode({ acceleration: 'software' }, env);
    expect(result).toMatchObject({ encoder: 'libx264' });
    expect(result).not.toHaveProperty('failedEncoders');
  });

  it('is looked at by no second encoder when the source is to blame', async () => {
    const damaged = make('-i', clip, '-t', '4', '-c', 'copy', '-f', 'mpegts', at('damaged.ts'));
    writeFileSync(damaged, 'not a film at all');
    const outcome = await transcode(damaged, {}, { SPOOL_ENCODERS: 'h264_nvenc' });
    expect(outcome).toMatchObject({ error: 'Media.InvalidInput' });
  });

  it('is encoded by the software where the executor does not say what works and there is no device', async () => {
    expect((await encode({}, {})).result).toMatchObject({ encoder: 'libx264' });
  });
});
