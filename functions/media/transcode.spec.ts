import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { at, clip, ffprobe, make, text, tools, transcode } from './testing/media-test.js';

describe('media.transcode', () => {
  it('makes a smaller film, with progress that rises to 100, and tells what ffprobe sees', async () => {
    const { result, percents } = await transcode(clip, { video: { height: 240, preset: 'medium' } });
    const seen = ffprobe(at('made'), 'format=duration,size:stream=width,height,nb_read_frames');
    expect(result).toMatchObject({
      format: 'mp4',
      duration: Number(seen['duration']),
      size: Number(seen['size']),
      hasAudio: true,
    });
    expect(result?.video).toMatchObject([{ codec: 'h264', width: 320, height: 240, frames: 200 }]);
    expect(percents.at(-1)).toBe(100);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(new Set(percents).size).toBe(percents.length);
  });

  it('puts the index first, so that the film plays before it is loaded', async () => {
    await transcode(clip, { video: { height: 64 } });
    const head = readFileSync(at('made')).toString('latin1');
    expect(head.indexOf('moov')).toBeLessThan(head.indexOf('mdat'));
  });

  it('never enlarges, and keeps sides even', async () => {
    const odd = make('-f', 'lavfi', '-i', 'testsrc=s=321x241:d=1:r=10', '-c:v', 'png', at('odd.mkv'));
    expect((await transcode(odd, { video: { width: 4_000, height: 4_000 } })).result?.video).toMatchObject([
      { width: 320, height: 240 },
    ]);
  });

  it('turns the picture upright and fits it as displayed', async () => {
    const film = make('-i', clip, '-t', '1', '-c', 'copy', '-metadata:s:v:0', 'rotate=90', at('upright.mp4'));
    expect((await transcode(film, { video: { height: 256 } })).result?.video).toMatchObject([
      { width: 192, height: 256, rotation: 0 },
    ]);
  });

  it('makes WebM with VP9 and Opus, at another rate', async () => {
    const { result } = await transcode(clip, {
      container: 'webm',
      video: { height: 96, fps: 5, preset: 'ultrafast' },
      audio: { bitrate: '64k' },
    });
    expect(result?.video).toMatchObject([{ codec: 'vp9', frames: 100 }]);
    expect(result?.audio).toMatchObject([{ codec: 'opus' }]);
  });

  it('works with an ffmpeg from before 5.1, which does not know -fps_mode', async () => {
    const old = text(
      'old-ffmpeg',
      '#!/bin/sh',
      'for arg; do [ "$arg" = -fps_mode ] && { echo "Unrecognized option \'fps_mode\'." >&2; exit 1; }; done',
      `exec '${tools.ffmpeg}' "$@"`,
    );
    chmodSync(old, 0o755);
    const { result } = await transcode(clip, { video: { height: 64 } }, { FFMPEG_PATH: old });
    expect(result?.video).toMatchObject([{ height: 64, frames: 200 }]);
  });

  it('takes a film without sound, and a film with its sound left out', async () => {
    const silent = make('-i', clip, '-t', '2', '-an', '-c', 'copy', at('silent.mkv'));
    expect((await transcode(silent, { video: { height: 64 } })).result).toMatchObject({
      hasVideo: true,
      hasAudio: false,
    });
    expect((await transcode(clip, { video: { height: 64 }, audio: { codec: 'none' } })).result).toMatchObject({
      hasAudio: false,
    });
  });

  it('keeps the frames that an edit list hides out of the count', async () => {
    const cut = make('-ss', '3', '-i', clip, '-t', '4', '-c', 'copy', at('edited.mp4'));
    expect(Number(ffprobe(cut, 'stream=nb_read_frames')['nb_read_frames'])).toBeGreaterThan(0);
    expect((await transcode(cut, { video: { height: 64 } })).error).toBeUndefined();
  });

  it('refuses a song, and a silent film where only the sound is wanted', async () => {
    const song = make('-i', clip, '-t', '1', '-vn', '-c', 'copy', at('song.m4a'));
    expect(await transcode(song)).toMatchObject({ error: 'Media.NoVideoStream' });
    const silent = make('-i', clip, '-t', '1', '-an', '-c', 'copy', at('mute.mp4'));
    expect(await transcode(silent, { container: 'mp4', video: { codec: 'none' } })).toMatchObject({
      error: 'Media.NoAudioStream',
    });
  });

  it('refuses a film that is longer than allowed instead of cutting it', async () => {
    expect(await transcode(clip, { maxDurationSeconds: 5 })).toMatchObject({
      error: 'Media.ResourceLimit',
      cause: expect.stringContaining('20.0 s'),
    });
  });

  it('reports a source that ends early, where ffmpeg exits with 0', async () => {
    writeFileSync(at('half.mp4'), readFileSync(clip).subarray(0, statSync(clip).size / 2));
    rmSync(at('made'), { force: true });
    expect(await transcode(at('half.mp4'), { video: { height: 64 } })).toMatchObject({
      error: 'Media.TruncatedInput',
      cause: expect.stringContaining('20.0 s'),
    });
    expect(existsSync(at('made'))).toBe(false);
    const whole = readFileSync(make('-i', clip, '-c', 'copy', at('whole.mkv')));
    writeFileSync(at('half.mkv'), whole.subarray(0, whole.length / 2));
    expect(await transcode(at('half.mkv'), { video: { height: 64 } })).toMatchObject({ error: 'Media.TruncatedInput' });
  });

  it('reports a full disk', async () => {
    const wrapper = text(
      'full-disk.sh',
      '#!/bin/sh',
      'case "$*" in *progress*) set -- "$@"; for last; do :; done; rm -f "${last#file:}"; ln -s /dev/full "${last#file:}";; esac',
      `exec ${tools.ffmpeg} "$@"`,
    );
    chmodSync(wrapper, 0o755);
    expect(await transcode(clip, { container: 'mkv', video: { height: 64 } }, { FFMPEG_PATH: wrapper })).toMatchObject({
      error: 'Media.DiskFull',
    });
  });

  it('ends an ffmpeg that stands still', async () => {
    const stuck = text(
      'stuck.sh',
      '#!/bin/sh',
      `case "$*" in *progress*) printf 'frame=1\\nprogress=continue\\n' >&3; exec sleep 60;; esac`,
      `exec ${tools.ffmpeg} "$@"`,
    );
    chmodSync(stuck, 0o755);
    expect(await transcode(clip, {}, { FFMPEG_PATH: stuck, MEDIA_STALL_SECONDS: '1' })).toMatchObject({
      error: 'Media.Stalled',
    });
  });

  it('says what is missing when there is no ffmpeg', async () => {
    expect(await transcode(clip, {}, { FFMPEG_PATH: at('none'), FFPROBE_PATH: at('none') })).toMatchObject({
      error: 'Media.Unsupported',
      cause: expect.stringContaining('apt-get install ffmpeg'),
    });
  });
});
