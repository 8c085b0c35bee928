// The built-in pipelines, from the start of an execution to its end, against the same programs typed by hand, two at a
// time, with nothing looked at afterwards. In turns, on the same file; wall time, and CPU time as the sandbox and the
// shell measure it. And what a pipeline costs whose results are known: no encode, a copy by the store.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { probe } from '../../functions/media/lib/probe.mjs';
import { ensureFfmpeg } from '../../scripts/ffmpeg.mjs';
import { stages, sum, twoAtATime } from './lib/by-hand.mjs';
import { percentile, report } from './lib/figures.mjs';
import { freshDataDir, remove, root, startSpool } from './lib/spool.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** The demo's clip, so many times over: 20 s each. */
const REPEATS = Number(process.env.REPEATS ?? 3);
const WORKFLOWS = process.env.WORKFLOWS?.split(',') ?? Object.keys(stages);

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
try {
  for (const workflow of WORKFLOWS) await compare(workflow);
} finally {
  await spool.stop();
  remove(dataDir);
}

async function compare(workflow) {
  const samples = { engine: [], hand: [], known: [] };
  // Not counted: it gives the plan, and everybody has the file in memory after it.
  const { plan } = await byEngine(workflow, 'warm');
  for (let round = 0; round < ROUNDS; round++) {
    samples.hand.push(await byHand(workflow, plan, join(dataDir, `${workflow}-${round}`)));
    await api('DELETE', '/v1/result-cache');
    samples.engine.push(await byEngine(workflow, `clip-${round}`));
    samples.known.push(await byEngine(workflow, `known-${round}`));
  }
  const median = (who, what) =>
    percentile(
      samples[who].map((each) => each[what]),
      0.5,
    );
  const line = (who, what) =>
    `${median(who, what).toFixed(2)} s (${samples[who].map((each) => each[what].toFixed(2)).join(', ')})`;
  const ratio = (what) => (median('engine', what) / median('hand', what)).toFixed(3);
  const { invocations } = samples.engine.at(-1);
  const tasks = invocations.length;
  const read = sum(invocations.map(({ usage }) => usage?.bytesIn ?? 0));
  const kept = sum(invocations.map(({ usage }) => usage?.cachedBytes ?? 0));
  report(`${workflow} on ${REPEATS * 20} s of video, ${tasks} tasks`, [
    `through Spool: ${line('engine', 'wall')}, CPU of its functions ${line('engine', 'cpu')}`,
    `the same commands by hand: ${line('hand', 'wall')}, CPU ${line('hand', 'cpu')}`,
    `ratio of the medians: ${ratio('wall')} in time, ${ratio('cpu')} in CPU`,
    `where Spool's CPU went: ${shares(invocations)}`,
    `its tasks read ${mb(read)} of inputs and fetched ${mb(read - kept)}; the film has ${mb(statSync(clip).size)}`,
    `with results that are known: ${line('known', 'wall')}, CPU of its functions ${line('known', 'cpu')}; ` +
      `${((median('known', 'wall') * 1_000) / tasks).toFixed(0)} ms a task`,
  ]);
}

async function byEngine(workflow, name) {
  const source = { bucket: 'media', key: `${workflow}/${name}.mp4` };
  await s3.send(new PutObjectCommand({ Bucket: source.bucket, Key: source.key, Body: readFileSync(clip) }));
  const { id } = await api('POST', `/v1/workflows/${workflow}/executions`, { input: { source, bucket: 'media' } });
  let execution;
  do {
    await new Promise((done) => setTimeout(done, 50));
    execution = await api('GET', `/v1/executions/${id}`);
  } while (execution.status === 'RUNNING');
  if (execution.status !== 'SUCCEEDED') throw new Error(JSON.stringify(execution));
  const { items: invocations } = await api('GET', `/v1/invocations?execution=${id}&limit=200`);
  const wall = (Date.parse(execution.endedAt) - Date.parse(execution.startedAt)) / 1_000;
  const plan = invocations.find((one) => one.function === 'media.plan')?.output;
  return { wall, cpu: sum(invocations.map(cpuOf)), invocations, plan };
}

async function byHand(workflow, plan, dir) {
  const quiet = ['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-y'];
  mkdirSync(dir);
  const commands = stages[workflow]({
    ffmpeg: (all) => all.map((args) => [ffmpeg, ...quiet, ...args]),
    look: [ffprobe, '-v', 'error', '-of', 'json', '-show_format', '-show_streams', clip],
    seconds: facts.duration,
    clip,
    plan,
    dir,
    facts,
  });
  const began = performance.now();
  const cpu = [];
  for (const stage of commands) cpu.push(await twoAtATime(stage));
  return { wall: (performance.now() - began) / 1_000, cpu: sum(cpu) };
}

/** What the sandbox measured; its wall time where it cannot. */
function cpuOf({ usage }) {
  return (usage?.cpuMs ?? usage?.wallMs ?? 0) / 1_000;
}

function mb(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
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
