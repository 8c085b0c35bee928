import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { mediaInfoFactory } from 'mediainfo.js';
import { at, call, clip, ffprobe, make, objects, toFile } from './testing/media-test.js';

const made = { destination: toFile };
const intoMade = () => ({ audio: at('made') });

/** What MediaInfo, which shares no code with ffmpeg, says of the sound. */
async function mediaInfo(path: string) {
  const bytes = readFileSync(path);
  const reader = await mediaInfoFactory({ format: 'object' });
  const { media } = await reader.analyzeData(bytes.length, (size, offset) => bytes.subarray(offset, offset + size));
  reader.close();
  return media?.track.find((track) => track['@type'] === 'Audio');
}

describe('media.convert-audio', () => {
  it.each([
    ['mp3', 'MPEG Audio'],
    ['ogg', 'Vorbis'],
    ['alac', 'ALAC'],
    ['flac', 'FLAC'],
  ])('writes %s, which MediaInfo calls %s', async (format, name) => {
    const { result } = await call('convert-audio', clip, { ...made, format }, intoMade());
    expect(result).toMatchObject({ kind: 'audio', object: toFile });
    const track = await mediaInfo(at('made'));
    expect(track).toMatchObject({ Format: name, Channels: 2, SamplingRate: 48_000 });
  });

  it('keeps the tags, unless told not to', async () => {
    expect((await call('convert-audio', clip, { ...made }, intoMade())).result?.tags['title']).toMatch(/^Pedestrians/);
    const bare = await call('convert-audio', clip, { ...made, tags: 'drop' }, intoMade());
    expect(bare.result?.tags).not.toHaveProperty('title');
  });

  it('takes the track that is asked for, and says when there is none', async () => {
    const tone = ['-f', 'lavfi', '-i', 'sine=d=1:r=8000'];
    const two = make('-i', clip, ...tone, '-map', '0:a', '-map', '1:a', '-t', '1', '-c:a', 'flac', at('two.mkv'));
    const second = await call('convert-audio', two, { ...made, format: 'wav', track: 1 }, intoMade());
    expect(second.result?.audio).toMatchObject([{ sampleRate: 8_000, channels: 1 }]);
    expect(await call('convert-audio', two, { ...made, track: 2 }, intoMade())).toMatchObject({
      error: 'Media.NoAudioStream',
      cause: 'the source has 2 audio tracks, none is 2',
    });
  });
});

describe('media.normalize-loudness', () => {
  interface Loudness {
    loudness: { input: { integratedLufs: number }; output: { integratedLufs: number; truePeakDb: number } };
  }

  it.each([-23, -14])('brings the clip to %d LUFS, within half a unit', async (targetLufs) => {
    const { result } = await call<Loudness>(
      'normalize-loudness',
      clip,
      { ...made, format: 'flac', targetLufs },
      intoMade(),
    );
    expect(Math.abs(result!.loudness.output.integratedLufs - targetLufs)).toBeLessThanOrEqual(0.5);
    const again = await call<{ integratedLufs: number; truePeakDb: number }>('measure-loudness', at('made'));
    expect(result!.loudness.output).toEqual({ ...again.result, withinPeak: true });
    expect(again.result!.truePeakDb).toBeLessThanOrEqual(-1.5);
    expect((await mediaInfo(at('made')))?.SamplingRate).toBe(48_000);
  });

  it('leaves the dynamics as they are where the peaks have room', async () => {
    const event = { ...made, format: 'flac', targetLufs: -23 };
    const { result } = await call<{ loudness: Record<'input' | 'output', Record<string, number>> }>(
      'normalize-loudness',
      clip,
      event,
      intoMade(),
    );
    const { input, output } = result!.loudness;
    expect(Math.abs(output['rangeLu']! - input['rangeLu']!)).toBeLessThan(0.15);
    // Each sample is multiplied by the same: the peak goes down by as much as the loudness.
    const [peaks, loudness] = [output['truePeakDb']! - input['truePeakDb']!, -23 - input['integratedLufs']!];
    expect(Math.abs(peaks - loudness)).toBeLessThan(0.15);
  });

  it.each([
    ['m4a', '64k', -13],
    ['mp3', '96k', -14],
  ])('keeps the peaks of the encoded %s below what is asked for', async (format, bitrate, targetLufs) => {
    // Clicks and noise: what a lossy encoder makes the most of.
    const hard =
      "aevalsrc='0.3*(random(0)-0.5)+0.9*sin(2*PI*90*t)*exp(-9*mod(t,0.4))+0.6*lt(mod(t,0.31),0.002)':s=44100:d=6";
    const source = make('-f', 'lavfi', '-i', hard, '-c:a', 'pcm_s24le', at('hard.wav'));
    const event = { ...made, format, bitrate, targetLufs, truePeakDb: -1 };
    const { result } = await call<Loudness>('normalize-loudness', source, event, intoMade());
    expect(result!.loudness.output).toMatchObject({ withinPeak: true });
    const again = await call<{ integratedLufs: number; truePeakDb: number }>('measure-loudness', at('made'));
    expect(again.result!.truePeakDb).toBeLessThanOrEqual(-1);
    expect(Math.abs(again.result!.integratedLufs - targetLufs)).toBeLessThanOrEqual(0.5);
  });

  it('measures a known tone, and refuses silence', async () => {
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS is at -23 LUFS.
    const level = 10 ** (-23 / 20);
    const sine = `aevalsrc='${level}*sin(2*PI*1000*t)|${level}*sin(2*PI*1000*t)':s=48000:d=5`;
    const tone = make('-f', 'lavfi', '-i', sine, '-c:a', 'pcm_s24le', at('tone.wav'));
    const { result } = await call<{ integratedLufs: number }>('measure-loudness', tone);
    expect(Math.abs(result!.integratedLufs + 23)).toBeLessThanOrEqual(0.1);
    const silence = make('-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo', '-t', '2', at('silence.wav'));
    expect((await call('measure-loudness', silence)).result).toMatchObject({ integratedLufs: null });
    expect(await call('normalize-loudness', silence, made, intoMade())).toMatchObject({ error: 'Media.InvalidInput' });
  });
});

describe('media.waveform', () => {
  it('counts as audiowaveform does: least and greatest sample of each pixel', async () => {
    const ramp = make('-f', 'lavfi', '-i', "aevalsrc='if(lt(t,1),0.5,-0.25)':s=8000:d=2", at('steps.wav'));
    const event = { json: toFile, image: toFile, samplesPerPixel: 800, width: 300, height: 100 };
    const { result } = await call('waveform', ramp, event, { json: at('wave.json'), image: at('wave.png') });
    expect(result).toMatchObject({ points: 20, sampleRate: 8_000, duration: 2 });
    const wave = JSON.parse(readFileSync(at('wave.json'), 'utf8')) as { data: number[] };
    expect(wave).toMatchObject({
      version: 2,
      channels: 1,
      sample_rate: 8_000,
      samples_per_pixel: 800,
      bits: 8,
      length: 20,
    });
    expect(wave.data.slice(0, 2).map((value) => value / 128)).toEqual([expect.closeTo(0.5, 1), expect.closeTo(0.5, 1)]);
    expect(wave.data.at(-1)! / 128).toBeCloseTo(-0.25, 1);
    expect(ffprobe(at('wave.png'), 'stream=width,height')).toMatchObject({ width: '300', height: '100' });
  });

  it('makes nothing where nothing is wanted', async () => {
    expect(await call('waveform', clip)).toMatchObject({ error: 'Media.InvalidParameters' });
  });
});

describe('media.spectrogram', () => {
  it('draws a picture with the frequency that is there', async () => {
    const event = { ...made, width: 200, height: 128, legend: false, scale: 'lin' };
    const { result } = await call('spectrogram', clip, event, { image: at('made') });
    expect(result).toMatchObject({ width: 200, height: 128, object: toFile });
    expect(ffprobe(at('made'), 'stream=codec_name')).toMatchObject({ codec_name: 'png' });
  });
});

const like = async (path: string) =>
  (await call<{ similarity: number }>('fingerprint', clip, { compareTo: objects.source }, { compareTo: path })).result;

describe('media.fingerprint', () => {
  it('knows a song again in another format, and other sounds from it', async () => {
    const small = make('-i', clip, '-vn', '-c:a', 'libmp3lame', '-b:a', '64k', at('small.mp3'));
    const noise = make('-f', 'lavfi', '-i', 'anoisesrc=d=15:a=0.3:seed=7', at('noise.wav'));
    expect((await like(small))?.similarity).toBeGreaterThan(0.9);
    expect((await like(noise))?.similarity).toBeLessThan(0.7);
  });
});
