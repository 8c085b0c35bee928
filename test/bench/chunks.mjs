// One film on two executors: processes of their own beside the gateway, with one slot and one core each, on a machine with
// two cores. Planned, encoded in chunks of about ten seconds, merged. Against one ffmpeg with the same settings, with one
// thread (what one executor's core would do) and with two (what the machine can do), in wall time and in CPU time. And
// what the measured chunks would give on more executors.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ensureFfmpeg } from '../../scripts/ffmpeg.mjs';
import { report } from './lib/figures.mjs';
import { freshDataDir, remove, root, startExecutors, startSpool } from './lib/spool.mjs';

/** The demo's clip, so many times over: 20 s each. */
const REPEATS = Number(process.env.REPEATS ?? 6);
const PRESET = process.env.PRESET ?? 'medium';
const HEIGHT = 480;
/** What a film of two hours has, at fifteen seconds each. */
const FILM_CHUNKS = 480;

const { ffmpeg } = await ensureFfmpeg();
const dataDir = freshDataDir();
const clip = join(dataDir, 'clip.mp4');
const source = join(root, 'functions/media/examples/pedestrians.mp4');
// Joined anew: pieces of a loop have gaps between them, and the rate would not be constant.
const loop = ['-v', 'error', '-stream_loop', String(REPEATS - 1), '-i', source, '-vf', 'fps=10'];
const whole = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-c:a', 'aac', clip];
if (spawnSync(ffmpeg, [...loop, ...whole], { stdio: 'inherit' }).status !== 0) throw new Error('Cannot make the clip');

const retry = [{ ErrorEquals: ['Executor.Lost'], MaxAttempts: 3 }];
const task = (name, Parameters, more) => ({
  Type: 'Task',
  Resource: `function:media.${name}`,
  Parameters,
  Retry: retry,
  ...more,
});
const from = { 'source.$': '$.source' };
const video = { height: HEIGHT, preset: PRESET, keyframeSeconds: 4 };
const encodeChunk = task(
  'encode-chunk',
  {
    ...from,
    destination: { bucket: 'media', 'key.$': "States.Format('chunks/{}.mp4', $.chunk.index)" },
    'chunk.$': '$.chunk',
    'frameRate.$': '$.frameRate',
    video,
  },
  { End: true },
);
const definition = {
  StartAt: 'Plan',
  States: {
    Plan: task('plan', { ...from, chunkSeconds: 10 }, { ResultPath: '$.plan', Next: 'Encode' }),
    Encode: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Chunks',
          States: {
            Chunks: {
              Type: 'Map',
              ItemsPath: '$.plan.chunks',
              ItemSelector: { ...from, 'chunk.$': '$$.Map.Item.Value', 'frameRate.$': '$.plan.frameRate' },
              ItemProcessor: { StartAt: 'Chunk', States: { Chunk: encodeChunk } },
              End: true,
            },
          },
        },
        {
          StartAt: 'Sound',
          States: {
            Sound: task('extract-audio', { ...from, destination: 's3://media/sound.m4a' }, { End: true }),
          },
        },
      ],
      ResultPath: '$.made',
      Next: 'Merge',
    },
    Merge: task(
      'merge-chunks',
      { 'chunks.$': '$.made[0]', 'audio.$': '$.made[1].object', destination: 's3://media/film.mp4' },
      { ResultPath: '$.film', End: true },
    ),
  },
};

const oneThread = await byHand(1);
const twoThreads = await byHand(2);
const spool = await startSpool(join(dataDir, 'spool'));
const stopExecutors = await startExecutors(spool, dataDir, ['executor-1', 'executor-2']);
const chunked = await byEngine(spool).finally(async () => {
  await stopExecutors();
  await spool.stop();
  remove(dataDir);
});

const seconds = (value) => `${value.toFixed(2)} s`;
const against = (hand) =>
  `speed-up ${(hand.wall / chunked.wall).toFixed(2)}, overhead in CPU ${((chunked.cpu / hand.cpu - 1) * 100).toFixed(1)} %`;
report(`A film of ${REPEATS * 20} s to ${HEIGHT}p, x264 ${PRESET}, on two executors of one core each`, [
  `one ffmpeg, one thread: ${seconds(oneThread.wall)} (${seconds(oneThread.cpu)} of CPU)`,
  `one ffmpeg, two threads: ${seconds(twoThreads.wall)} (${seconds(twoThreads.cpu)} of CPU)`,
  `in ${chunked.chunks.length} chunks on ${chunked.executors.join(' and ')}: ${seconds(chunked.wall)} (${seconds(chunked.cpu)} of CPU), ${chunked.frames} frames, sound ${chunked.avOffsetMs} ms beside the picture`,
  `against one thread: ${against(oneThread)}`,
  `against two threads: ${against(twoThreads)}`,
  `by CPU time, as if nobody else was on the machine: ${seconds(busiest(chunked.chunks, 2) + sum(chunked.others))}, speed-up over one thread ${(oneThread.cpu / (busiest(chunked.chunks, 2) + sum(chunked.others))).toFixed(2)}`,
  `a chunk ${seconds(sum(chunked.chunks) / chunked.chunks.length)} of CPU, all other tasks together ${seconds(sum(chunked.others))}`,
  `simulated, two hours in ${FILM_CHUNKS} chunks as measured, with the ${chunked.others.length} other tasks as long as here: ${simulate(chunked).join(', ')}`,
]);

/** CPU time as the shell's `time` has it. */
function byHand(threads) {
  const picture = [
    '-vf',
    `scale=-2:${HEIGHT},setsar=1,format=yuv420p`,
    '-c:v',
    'libx264',
    '-preset',
    PRESET,
    '-crf',
    '23',
  ];
  const keys = [
    '-g',
    '9999',
    '-sc_threshold',
    '0',
    '-force_key_frames',
    'expr:gte(t,n_forced*4)',
    '-threads',
    String(threads),
  ];
  const sound = ['-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart', join(dataDir, 'hand.mp4')];
  const args = [
    '-v',
    'error',
    '-nostdin',
    '-y',
    '-threads',
    String(threads),
    '-i',
    clip,
    ...picture,
    ...keys,
    ...sound,
  ];
  const began = performance.now();
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', ffmpeg, ...args]);
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      const [user, system] = said.trim().split(/\s+/).map(Number);
      if (code !== 0) reject(new Error(said));
      else resolve({ wall: (performance.now() - began) / 1_000, cpu: user + system });
    });
  });
}

function isChunk(item) {
  return item.function === 'media.encode-chunk';
}

function sum(values) {
  return values.reduce((all, each) => all + each, 0);
}

/** What the sandbox measured; its wall time where it cannot. */
function cpuOf({ usage }) {
  return (usage?.cpuMs ?? usage?.wallMs ?? 0) / 1_000;
}

async function byEngine({ api, s3 }) {
  await api('POST', '/v1/buckets', { name: 'media' });
  await s3.send(new PutObjectCommand({ Bucket: 'media', Key: 'film.mp4', Body: readFileSync(clip) }));
  await api('POST', '/v1/workflows', { name: 'chunks', definition });
  const input = { source: { bucket: 'media', key: 'film.mp4' } };
  const began = performance.now();
  const { id } = await api('POST', '/v1/workflows/chunks/executions', { input });
  let execution;
  do {
    await new Promise((done) => setTimeout(done, 50));
    execution = await api('GET', `/v1/executions/${id}`);
  } while (execution.status === 'RUNNING');
  const wall = (performance.now() - began) / 1_000;
  if (execution.status !== 'SUCCEEDED') throw new Error(JSON.stringify(execution));
  const { items } = await api('GET', `/v1/invocations?execution=${id}&limit=100`);
  const { frames, avOffsetMs } = execution.output.film;
  const chunks = items.filter(isChunk).map(cpuOf);
  const others = items.filter((item) => !isChunk(item)).map(cpuOf);
  const cpu = sum([...chunks, ...others]);
  const places = (await api('GET', '/v1/executors')).items.filter((place) =>
    items.some(({ executor }) => executor === place.id),
  );
  return { wall, cpu, chunks, others, frames, avOffsetMs, executors: places.map(({ name }) => name).toSorted() };
}

/** List scheduling: each chunk goes to the executor that is free first. How long the last one works. */
function busiest(chunks, executors) {
  const busy = Array.from({ length: executors }, () => 0);
  for (const each of chunks) busy[busy.indexOf(Math.min(...busy))] += each;
  return Math.max(...busy);
}

/**
 * What comes before and after the chunks (plan, sound, merge) does not get quicker with more executors; a whole film's
 * would be longer, and so would the film's one process.
 */
function simulate({ chunks, others }) {
  const film = Array.from({ length: FILM_CHUNKS }, (_, index) => chunks[index % chunks.length]);
  const [around, all] = [sum(others), sum(film)];
  return [2, 4, 8, 16, 32, 64].map(
    (executors) => `${executors} executors ${(all / (around + busiest(film, executors))).toFixed(1)}x`,
  );
}
