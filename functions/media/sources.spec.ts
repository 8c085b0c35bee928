import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'mpd-parser';
import {
  at,
  call,
  ffprobe,
  make,
  probe,
  run,
  thumbnail,
  toFile,
  toFolder,
  tools,
  transcode,
} from './testing/media-test.js';

const pictures = (rate: string, seconds: number) => ['-f', 'lavfi', '-i', `testsrc2=s=160x120:r=${rate}:d=${seconds}`];
const sound = ['-f', 'lavfi', '-i', 'sine=d=4'];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
const quick = { video: { preset: 'ultrafast' } };

/** Every picture's time, in order, as ffprobe tells it. */
function times(path: string): number[] {
  const args = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path];
  const { stdout } = spawnSync(tools.ffprobe, args, { encoding: 'utf8' });
  const all = stdout.trim().split(/\s+/).map(Number.parseFloat);
  return all.toSorted((a, b) => a - b);
}

/** Pictures that are made of two moments. */
function combed(path: string): number {
  const args = ['-hide_banner', '-i', path, '-vf', 'idet', '-an', '-f', 'null', '-'];
  const { stderr } = spawnSync(tools.ffmpeg, args, { encoding: 'utf8' });
  return Number(/Multi frame detection: TFF:\s*(\d+)/.exec(stderr)?.[1]);
}

/** How bright the first picture is. */
function luma(path: string): number {
  const one = [
    '-v',
    'error',
    '-i',
    path,
    '-frames:v',
    '1',
    '-vf',
    'scale=1:1:flags=area,format=gray',
    '-f',
    'rawvideo',
    '-',
  ];
  return spawnSync(tools.ffmpeg, one).stdout[0]!;
}

describe('a source as cameras, phones and broadcasters make it', () => {
  it('that begins late is not taken for one that is cut off', async () => {
    const late = make(...pictures('25', 4), ...sound, ...x264, '-output_ts_offset', '5', at('late.mkv'));
    const { result } = await probe(late);
    expect(result?.duration).toBeCloseTo(4, 1);
    expect((await transcode(late, quick)).result?.video).toMatchObject([{ frames: 100 }]);
  });

  it('whose picture begins after its sound keeps the distance', async () => {
    const whole = make(...pictures('25', 4), ...x264, at('whole.mp4'));
    const film = make(
      ...sound,
      '-itsoffset',
      '2',
      '-i',
      whole,
      '-map',
      '0',
      '-map',
      '1',
      '-c:v',
      'copy',
      at('two.mkv'),
    );
    expect((await probe(film)).result?.video).toMatchObject([{ startSeconds: expect.closeTo(2, 1) }]);
    await transcode(film, quick);
    expect(times(at('made'))[0]).toBeCloseTo(2, 1);
  });

  it('whose picture begins after its sound keeps the distance in a stream', async () => {
    const video = { preset: 'ultrafast', keyframeSeconds: 2 };
    const whole = make(...pictures('25', 4), ...x264, at('whole.mp4'));
    const film = make(
      ...sound,
      '-itsoffset',
      '0.8',
      '-i',
      whole,
      '-map',
      '0',
      '-map',
      '1',
      '-c:v',
      'copy',
      at('08.mkv'),
    );
    await transcode(film, { video, audio: { codec: 'none' } });
    const [rendition, tone] = [at('rendition.mp4'), at('tone.m4a')];
    renameSync(at('made'), rendition);
    await call('extract-audio', film, { destination: toFile }, { audio: tone });
    const event = {
      renditions: [{ bucket: 'media-in', key: 'v.mp4', name: 'small' }],
      audio: [{ bucket: 'media-in', key: 'a.m4a', name: 'tone' }],
      destination: toFolder,
      segmentSeconds: 2,
    };
    await run('package', event, { renditions: `${rendition},`, audio: `${tone},`, stream: at('stream') });
    expect(times(at('stream/master.m3u8'))[0]).toBeCloseTo(0.8, 1);
    expect(Number(ffprobe(at('stream/tone/index.m3u8'), 'stream=start_time')['start_time'])).toBeCloseTo(0, 1);
    const head = readFileSync(at('stream/small/segment_00000.m4s'));
    const ticks = Number(head.readBigUInt64BE(head.indexOf('tfdt') + 8));
    expect(ticks / 12_800).toBeCloseTo(0.8, 1);
    const [found] = parse(readFileSync(at('stream/manifest.mpd'), 'utf8')).playlists;
    expect(found?.segments[0]?.presentationTime).toBeCloseTo(0.8, 1);
  });

  it('of a varying rate keeps each picture, at its time', async () => {
    // A phone in the dark: thirty pictures a second, then five, and none where the rate says it.
    const times30 = "settb=1/90000,setpts='if(lt(N,60),N*3000,180000+(N-60)*18000)+900*mod(N*7,3)'";
    const exact = ['-vsync', 'passthrough', '-enc_time_base', '1:90000', '-video_track_timescale', '90000'];
    const film = make(...pictures('30', 3), '-vf', times30, ...exact, ...x264, at('phone.mp4'));
    expect((await probe(film)).result?.video).toMatchObject([{ variableRate: true, frames: 90 }]);
    expect((await transcode(film, quick)).result?.video).toMatchObject([{ frames: 90 }]);
    const [before, after] = [times(film), times(at('made'))];
    expect(Math.max(...after.map((time, index) => Math.abs(time - before[index]!)))).toBeLessThan(0.000_1);
  });

  it('of half pictures comes out in whole ones, as many as there were', async () => {
    const halves = ['-vf', 'tinterlace=interleave_top,setfield=tff', '-flags', '+ildct+ilme', '-x264opts', 'tff=1'];
    const film = make(...pictures('50', 2), ...x264, ...halves, at('halves.mkv'));
    expect(combed(film)).toBeGreaterThan(40);
    const { result } = await transcode(film, quick);
    expect(result?.video).toMatchObject([{ frames: 50 }]);
    expect(combed(at('made'))).toBeLessThan(10);
  });

  it('that has no index is cut to the frame where no key frame is near', async () => {
    const film = make(...pictures('25', 4), ...sound, ...x264, '-g', '999', '-f', 'mpegts', at('film.ts'));
    const event = { destination: toFile, startSeconds: 1.5, endSeconds: 2.5 };
    const { result } = await call<{ duration: number }>('trim', film, event, { video: at('made') });
    expect(result?.duration).toBeCloseTo(1, 1);
    expect(ffprobe(at('made'), 'stream=nb_read_frames')).toMatchObject({ nb_read_frames: '44' });
    const preview = await call<{ frames: number }>('preview', film, { destination: toFile }, { preview: at('made') });
    expect(preview.result?.frames).toBeGreaterThan(10);
  });

  it('of a high dynamic range has thumbnails in the colours of its transcoded film', async () => {
    const tags = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
    const hdr = make(
      ...pictures('10', 1),
      '-pix_fmt',
      'yuv420p10le',
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      'log-level=error',
      ...tags,
      at('hdr.mp4'),
    );
    await transcode(hdr, quick);
    const film = luma(at('made'));
    await thumbnail(hdr, { timeSeconds: 0, format: 'png' });
    expect(Math.abs(luma(at('made')) - film)).toBeLessThan(6);
    expect(readFileSync(at('made')).subarray(1, 4).toString()).toBe('PNG');
  });

  it.each([
    ['smpte2084', 'PQ'],
    ['arib-std-b67', 'HLG'],
    ['bt709', 'SDR'],
  ])('whose light goes by %s is packaged as %s', async (transfer, range) => {
    const tags = ['-color_primaries', 'bt2020', '-color_trc', transfer, '-colorspace', 'bt2020nc', '-tag:v', 'hvc1'];
    const x265 = [
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      'log-level=error',
      '-pix_fmt',
      'yuv420p10le',
    ];
    const film = make(...pictures('10', 1), ...x265, ...tags, at('light.mp4'));
    expect(ffprobe(film, 'stream=color_transfer')).toMatchObject({ color_transfer: transfer });
    const event = { renditions: [{ bucket: 'media-in', key: 'v.mp4', name: 'v' }], destination: toFolder };
    await run('package', event, { renditions: `${film},`, stream: at('light') });
    expect(readFileSync(at('light/master.m3u8'), 'utf8')).toContain(`,VIDEO-RANGE=${range}`);
  });
});
