// The demo's pipeline, adaptive streaming, from the start of its execution to its end, against the same ffmpeg commands
// typed by hand: the same plan, the same chunks and options, two at a time, and nothing looked at afterwards. In turns,
// on the same file; wall time, and CPU time as the sandbox and the shell measure it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { encoderArguments, filtersFor } from '../../functions/media/lib/encode.mjs';
import { probe } from '../../functions/media/lib/probe.mjs';
import { ensureFfmpeg } from '../../scripts/ffmpeg.mjs';
import { percentile, report } from './lib/figures.mjs';
import { freshDataDir, remove, root, startSpool } from './lib/spool.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** The demo's clip, so many times over: 20 s each. */
const REPEATS = Number(process.env.REPEATS ?? 6);
const WORKFLOW = 'adaptive-streaming';

const { ffmpeg, ffprobe } = await ensureFfmpeg();
const dataDir = freshDataDir();
const clip = join(dataDir, 'clip.mp4');
const loop = ['-v', 'error', '-stream_loop', String(REPEATS - 1)];
const again = ['-i', join(root, 'functions/media/examples/pedestrians.mp4'), '-c', 'copy', clip];
if (spawnSync(ffmpeg, [...loop, ...again], { stdio: 'inherit' }).status !== 0) throw new Error('Cannot make the clip');
const facts = await probe(clip);

const spool = await startSpool(join(dataDir, 'spool'));
const { api, s3 } = spool;
await api('POST', '/v1/buckets', { name: 'media' });
const samples = { engine: [], hand: [] };
try {
  // Not counted: it gives the plan, and everybody has the file in memory after it.
  const { plan } = await byEngine('warm');
  for (let round = 0; round < ROUNDS; round++) {
    samples.hand.push(await byHand(plan, join(dataDir, `hand-${round}`)));
    await api('DELETE', '/v1/result-cache');
    samples.engine.push(await byEngine(`clip-${round}`));
  }
} finally {
  await spool.stop();
  remove(dataDir);
}

const median = (who, what) =>
  percentile(
    samples[who].map((each) => each[what]),
    0.5,
  );
const line = (who, what) =>
  `${median(who, what).toFixed(2)} s (${samples[who].map((each) => each[what].toFixed(2)).join(', ')})`;
const ratio = (what) => (median('engine', what) / median('hand', what)).toFixed(3);
report(`${WORKFLOW} on ${REPEATS * 20} s of video`, [
  `through Spool: ${line('engine', 'wall')}, CPU of its functions ${line('engine', 'cpu')}`,
  `the same commands by hand: ${line('hand', 'wall')}, CPU ${line('hand', 'cpu')}`,
  `ratio of the medians: ${ratio('wall')} in time, ${ratio('cpu')} in CPU`,
  `where Spool's CPU went: ${shares(samples.engine.at(-1).invocations)}`,
]);

async function byEngine(name) {
  const source = { bucket: 'media', key: `${name}.mp4` };
  await s3.send(new PutObjectCommand({ Bucket: source.bucket, Key: source.key, Body: readFileSync(clip) }));
  const { id } = await api('POST', `/v1/workflows/${WORKFLOW}/executions`, { input: { source, bucket: 'media' } });
  let execution;
  do {
    await new Promise((done) => setTimeout(done, 50));
    execution = await api('GET', `/v1/executions/${id}`);
  } while (execution.status === 'RUNNING');
  if (execution.status !== 'SUCCEEDED') throw new Error(JSON.stringify(execution));
  const { items: invocations } = await api('GET', `/v1/invocations?execution=${id}&limit=200`);
  const wall = (Date.parse(execution.endedAt) - Date.parse(execution.startedAt)) / 1_000;
  const plan = invocations.find((one) => one.function === 'media.plan').output;
  return { wall, cpu: sum(invocations.map(cpuOf)), invocations, plan };
}

/** Each line waits for the one before; what is on one line runs two at a time. */
async function byHand(plan, dir) {
  const quiet = ['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-y'];
  mkdirSync(dir);
  for (const { name } of plan.rungs) mkdirSync(join(dir, 'stream', name), { recursive: true });
  mkdirSync(join(dir, 'stream/audio'));
  const looks = [[ffprobe, '-v', 'error', '-of', 'json', '-show_format', '-show_streams', clip]];
  const began = performance.now();
  const cpu = [];
  for (const commands of [looks, encodes(plan, dir), merges(plan, dir), packages(plan, dir)])
    cpu.push(
      await twoAtATime(
        commands.map(([first, ...args]) => (first === ffprobe ? [first, ...args] : [ffmpeg, ...quiet, first, ...args])),
      ),
    );
  return { wall: (performance.now() - began) / 1_000, cpu: sum(cpu) };
}

/** As media.encode-chunk does it. */
function encodeChunk({ frameRate }, [rung, chunk], dir) {
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

function encodes(plan, dir) {
  const tiles = Math.max(1, Math.ceil((REPEATS * 20) / 100));
  const sound = '-map 0:a:0 -vn -c:a aac -b:a 128k -movflags +faststart'.split(' ');
  const thumbnail = '-map 0:V:0 -frames:v 1 -vf scale=480:-2 -update 1'.split(' ');
  const sprites = ['-map', '0:V:0', '-vf', `fps=1/${tiles}:round=up,scale=160:-2,tile=10x10`];
  return [
    ['-i', clip, ...sound, join(dir, 'sound.m4a')],
    ['-ss', '15', '-i', clip, ...thumbnail, join(dir, 'thumb.jpg')],
    ['-i', clip, ...sprites, join(dir, 'sprite-%03d.jpg')],
    ['-i', clip, '-map', '0:a:0', '-vn', '-af', 'ebur128=peak=true', '-f', 'null', '-'],
    ...plan.rungs.flatMap((rung) => plan.chunks.map((chunk) => encodeChunk(plan, [rung, chunk], dir))),
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

async function twoAtATime(commands) {
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

/** What the sandbox measured; its wall time where it cannot. */
function cpuOf({ usage }) {
  return (usage?.cpuMs ?? usage?.wallMs ?? 0) / 1_000;
}

function shares(invocations) {
  const byName = new Map();
  for (const one of invocations) byName.set(one.function, [...(byName.get(one.function) ?? []), one]);
  return [...byName]
    .map(([name, all]) => [name.replace('media.', ''), sum(all.map(cpuOf))])
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, cpu]) => `${name} ${cpu.toFixed(1)} s`)
    .join(', ');
}

function sum(values) {
  return values.reduce((all, value) => all + value, 0);
}
