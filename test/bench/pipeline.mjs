// The demo's pipeline, from the answer to the upload until its execution has ended, against the same ffmpeg commands
// typed by hand: probe, then transcode, thumbnail and sound, two at a time. Both in turns, on the same file.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ensureFfmpeg } from '../../scripts/ffmpeg.mjs';
import { percentile, report } from './lib/figures.mjs';
import { freshDataDir, remove, root, startSpool } from './lib/spool.mjs';

const ROUNDS = 3;
/** The demo's clip, so many times over: 20 s each. */
const REPEATS = 6;
const examples = join(root, 'functions/media/examples');
const { ffmpeg, ffprobe } = await ensureFfmpeg();
const dataDir = freshDataDir();
const clip = join(dataDir, 'clip.mp4');
const loop = [
  '-v',
  'error',
  '-stream_loop',
  String(REPEATS - 1),
  '-i',
  join(examples, 'pedestrians.mp4'),
  '-c',
  'copy',
  clip,
];
if (spawnSync(ffmpeg, loop, { stdio: 'inherit' }).status !== 0) throw new Error('Cannot make the clip');
const body = readFileSync(clip);

const spool = await startSpool(join(dataDir, 'spool'));
const { api, s3 } = spool;
for (const name of ['media-in', 'media-out']) await api('POST', '/v1/buckets', { name });
const example = (name) => JSON.parse(readFileSync(join(examples, name), 'utf8'));
await api('POST', '/v1/workflows', { name: 'media-demo', definition: example('workflow.json') });
await api('POST', '/v1/triggers', example('trigger.json'));

const byEngine = [];
const byHand = [];
for (let round = 0; round < ROUNDS; round++) {
  byHand.push(await timed(runByHand));
  byEngine.push(await runByEngine(`uploads/clip-${round}.mp4`));
}
const [engine, hand] = [byEngine, byHand].map((samples) => percentile(samples, 0.5));
report(`Demo pipeline on ${REPEATS * 20} s of video`, [
  `through Spool: ${(engine / 1_000).toFixed(2)} s (${byEngine.map((took) => (took / 1_000).toFixed(2)).join(', ')})`,
  `the same commands by hand: ${(hand / 1_000).toFixed(2)} s (${byHand.map((took) => (took / 1_000).toFixed(2)).join(', ')})`,
  `ratio of the medians: ${(engine / hand).toFixed(3)}`,
]);
await spool.stop();
remove(dataDir);

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function runByEngine(key) {
  await s3.send(new PutObjectCommand({ Bucket: 'media-in', Key: key, Body: body }));
  const uploaded = Date.now();
  for (;;) {
    const { items } = await api('GET', '/v1/executions?limit=1');
    if (items[0]?.endedAt && items[0].input?.source?.key === key) {
      if (items[0].status !== 'SUCCEEDED') throw new Error(JSON.stringify(items[0]));
      return new Date(items[0].endedAt).getTime() - uploaded;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function runByHand() {
  const quiet = ['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-y'];
  await run(ffprobe, ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', clip]);
  const scale = ['-vf', 'scale=-2:360,setsar=1,format=yuv420p'];
  const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '24'];
  const sound = ['-map', '0:a:0', '-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart'];
  const jobs = [
    [...quiet, '-i', clip, '-map', '0:V:0', ...scale, ...x264, ...sound, join(dataDir, 'video.mp4')],
    [
      ...quiet,
      '-ss',
      '30',
      '-i',
      clip,
      '-map',
      '0:V:0',
      '-frames:v',
      '1',
      '-vf',
      'scale=480:-2',
      '-update',
      '1',
      join(dataDir, 'thumb.jpg'),
    ],
    [...quiet, '-i', clip, '-vn', ...sound, join(dataDir, 'audio.m4a')],
  ];
  const lane = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await run(ffmpeg, job);
  };
  await Promise.all([lane(), lane()]);
}

function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}
