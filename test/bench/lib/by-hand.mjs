// What the built-in pipelines do, as commands typed by hand: the same options, and nothing looked at afterwards.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encoderArguments, filtersFor } from '../../../functions/media/lib/encode.mjs';

/** Stages that wait for each other; what is in one runs two at a time. Each command is a program with its arguments. */
export const stages = {
  'adaptive-streaming': ({ ffmpeg, look, clip, plan, dir, facts, seconds }) => {
    for (const { name } of plan.rungs) mkdirSync(join(dir, 'stream', name), { recursive: true });
    mkdirSync(join(dir, 'stream/audio'));
    const around = { clip, facts, seconds };
    return [[look], ...[encodes(plan, dir, around), merges(plan, dir), packages(plan, dir)].map(ffmpeg)];
  },
  'podcast-master': podcastMaster,
  'proxy-and-preview': proxyAndPreview,
  'archive-check': ({ ffmpeg, look, clip }) => [
    [look],
    [
      ['sha256sum', clip],
      ['md5sum', clip],
      ...ffmpeg([
        ['-i', clip, '-map', '0:v?', '-map', '0:a?', '-f', 'streamhash', '-hash', 'sha256', '-'],
        ['-i', clip, '-map', '0:V?', '-map', '0:a?', '-f', 'null', '-'],
        ['-i', clip, '-an', '-vf', 'scale=320:-2,blackdetect=d=0.1', '-f', 'null', '-'],
        ['-i', clip, '-vn', '-af', 'silencedetect=n=-60dB:d=0.5', '-f', 'null', '-'],
      ]),
    ],
  ],
};

function podcastMaster({ ffmpeg, look, clip, dir }) {
  const master = join(dir, 'master.flac');
  const norm = 'loudnorm=I=-16:TP=-1.8:LRA=11';
  const from = ['-i', master, '-map', '0:a:0', '-vn'];
  const none = ['-f', 'null', '-'];
  return [
    [look],
    ffmpeg([['-i', clip, '-map', '0:a:0', '-vn', '-af', `${norm}:print_format=json`, ...none]]),
    ffmpeg([
      [
        '-i',
        clip,
        '-map',
        '0:a:0',
        '-vn',
        '-af',
        norm,
        '-c:a',
        'flac',
        '-compression_level',
        '8',
        '-ar',
        '48000',
        master,
      ],
    ]),
    ffmpeg([
      [...from, '-c:a', 'libmp3lame', '-b:a', '160k', join(dir, 'audio.mp3')],
      [...from, '-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart', join(dir, 'audio.m4a')],
      [...from, '-c:a', 'libopus', '-b:a', '96k', join(dir, 'audio.opus')],
      [...from, '-ac', '1', '-f', 's16le', join(dir, 'samples')],
      [
        '-i',
        master,
        '-filter_complex',
        'aformat=channel_layouts=mono,showwavespic=s=1200x200:scale=sqrt',
        '-frames:v',
        '1',
        join(dir, 'wave.png'),
      ],
      ['-i', clip, '-map', '0:a:0', '-t', '120', '-f', 'chromaprint', join(dir, 'fingerprint')],
    ]),
    ffmpeg([
      ['-i', join(dir, 'audio.mp3'), '-af', 'ebur128=peak=true', ...none],
      ['-i', join(dir, 'audio.mp3'), '-af', 'silencedetect=n=-60dB:d=0.5', ...none],
    ]),
  ];
}

/** Words without spaces in them. */
const words = (text) => text.split(' ');
const drawWave = 'aformat=channel_layouts=mono,showwavespic=s=1200x200:scale=sqrt';

function proxyAndPreview({ ffmpeg, look, clip, dir, seconds }) {
  const interval = Math.max(1, Math.ceil(seconds / 100));
  const proxy = '-vf scale=-2:540,format=yuv420p -c:v libx264 -preset veryfast -crf 28 -c:a aac -b:a 96k';
  const preview = '-vf fps=10,scale=320:-2 -c:v libwebp -q:v 60 -loop 0 -an';
  const sprites = `-map 0:V:0 -vf fps=1/${interval}:round=up,scale=160:-2,tile=5x5`;
  return [
    [look],
    ffmpeg([
      ['-i', clip, ...words(proxy), '-movflags', '+faststart', join(dir, 'proxy.mp4')],
      [
        '-ss',
        String(seconds / 10),
        '-i',
        clip,
        ...words('-frames:v 1 -vf scale=640:-2 -update 1'),
        join(dir, 'thumb.jpg'),
      ],
      ['-ss', String(seconds / 4), '-t', '4', '-i', clip, ...words(preview), join(dir, 'preview.webp')],
      ['-i', clip, ...words(sprites), join(dir, 'sprite-%03d.jpg')],
      ['-i', clip, '-filter_complex', drawWave, '-frames:v', '1', join(dir, 'wave.png')],
    ]),
  ];
}

/** As media.encode-chunk does it. */
function encodeChunk({ frameRate }, [rung, chunk], dir, { clip, facts }) {
  const times = frameRate
    ? ['-fps_mode', 'cfr', '-r', frameRate]
    : ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-video_track_timescale', '90000'];
  const size = { width: rung.width, height: rung.height };
  const video = { codec: 'h264', preset: 'veryfast', maxBitrate: rung.maxBitrate, keyframeSeconds: 4 };
  const seek = chunk.startSeconds > 0 ? ['-ss', String(chunk.startSeconds)] : [];
  const picture = ['-map', '0:V:0', '-frames:v', String(chunk.frames), '-vf', filtersFor(facts.video[0], { size })];
  const encoder = [...times, ...encoderArguments(video), '-threads', '1', '-filter_threads', '1', '-an'];
  return ['-threads', '1', ...seek, '-i', clip, ...picture, ...encoder, join(dir, `${rung.name}-${chunk.index}.mp4`)];
}

function encodes(plan, dir, { clip, facts, seconds }) {
  const tiles = Math.max(1, Math.ceil(seconds / 100));
  const sound = '-map 0:a:0 -vn -c:a aac -b:a 128k -movflags +faststart'.split(' ');
  const thumbnail = '-map 0:V:0 -frames:v 1 -vf scale=480:-2 -update 1'.split(' ');
  const sprites = ['-map', '0:V:0', '-vf', `fps=1/${tiles}:round=up,scale=160:-2,tile=10x10`];
  return [
    ['-i', clip, ...sound, join(dir, 'sound.m4a')],
    ['-ss', '15', '-i', clip, ...thumbnail, join(dir, 'thumb.jpg')],
    ['-i', clip, ...sprites, join(dir, 'sprite-%03d.jpg')],
    ['-i', clip, '-map', '0:a:0', '-vn', '-af', 'ebur128=peak=true', '-f', 'null', '-'],
    ...plan.rungs.flatMap((rung) => plan.chunks.map((chunk) => encodeChunk(plan, [rung, chunk], dir, { clip, facts }))),
  ];
}

function merges({ rungs, chunks }, dir) {
  return rungs.map(({ name }) => {
    const list = join(dir, `${name}.txt`);
    writeFileSync(list, chunks.map(({ index }) => `file '${join(dir, `${name}-${index}.mp4`)}'\n`).join(''));
    return [
      '-f',
      'concat',
      '-safe',
      '0',
      '-i',
      list,
      '-c',
      'copy',
      '-movflags',
      '+faststart',
      join(dir, `${name}.mp4`),
    ];
  });
}

function packages({ rungs }, dir) {
  const streams = [...rungs.map(({ name }) => [name, `${name}.mp4`]), ['audio', 'sound.m4a']];
  const hls = '-c copy -f hls -hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4'.split(' ');
  return streams.map(([name, file]) => {
    const folder = join(dir, 'stream', name);
    return [
      '-i',
      join(dir, file),
      ...hls,
      '-hls_segment_filename',
      join(folder, '%05d.m4s'),
      join(folder, 'index.m3u8'),
    ];
  });
}

export async function twoAtATime(commands) {
  const waiting = [...commands];
  const lane = async () => {
    let cpu = 0;
    for (let next = waiting.shift(); next; next = waiting.shift()) cpu += await run(next);
    return cpu;
  };
  return sum(await Promise.all([lane(), lane()]));
}

/** Seconds of CPU, as the shell's `time` has them. */
function run(command) {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null', 'bash', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(sum(said.trim().split('\n').at(-1).split(' ').map(Number))) : reject(new Error(said)),
    );
  });
}

export function sum(values) {
  return values.reduce((all, value) => all + value, 0);
}
