import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audioArguments, encoderArguments, filtersFor } from './lib/encode.mjs';
import { ffmpeg, input, keepTimes } from './lib/ffmpeg.mjs';
import { mediaFunction } from './lib/function.mjs';
import { packageAll } from './lib/package.mjs';
import { probe } from './lib/probe.mjs';
import { rungsFor } from './lib/rungs.mjs';
import { checkFrames, checkOutput } from './lib/verify.mjs';

/** All rungs from one reading of the source. */
async function encode(job, rungs, dir) {
  const { source, facts, wanted, report } = job;
  const [[picture], [sound]] = [facts.video, facts.audio];
  const video = { codec: wanted.codec, crf: wanted.crf, preset: wanted.preset, keyframeSeconds: wanted.segmentSeconds };
  const pads = rungs.map((_, index) => `[s${index}]`).join('');
  const scaled = rungs.map((rung, index) => `[s${index}]${filtersFor({}, { size: rung })}[v${index}]`);
  const first = filtersFor(picture, { size: rungs[0] });
  const graph = [`[0:V:0]${first},split=${rungs.length}${pads}`, ...scaled].join(';');
  const times = keepTimes(picture);
  const outputs = rungs.flatMap(({ name, maxBitrate }, index) => [
    '-map',
    `[v${index}]`,
    ...encoderArguments({
      ...video,
      maxBitrate,
    }),
    ...times,
    '-an',
    '-map_metadata',
    '-1',
    '-map_chapters',
    '-1',
    '-f',
    'mp4',
    `file:${join(dir, name)}`,
  ]);
  const track = [
    '-map',
    '0:a:0',
    '-vn',
    ...audioArguments({ codec: 'aac' }, sound ?? {}),
    '-f',
    'mp4',
    `file:${join(dir, 'audio')}`,
  ];
  await ffmpeg([...input(source), '-filter_complex', graph, ...outputs, ...(sound ? track : [])], {
    doing: 'encoding the ladder',
    onSeconds: report,
  });
}

/** `rung` is undefined of the sound. */
async function check(path, { seconds, wanted, facts, salvage }, rung) {
  const made = await probe(path, { countPackets: true });
  const { format, audio } = facts;
  const own = rung ? seconds : (audio[0].duration ?? facts.duration);
  const expected = { seconds: own, format, size: rung, audio: !rung, limitSeconds: wanted.maxDurationSeconds };
  await salvage(() => checkOutput(made, expected));
  if (rung) await salvage(() => checkFrames(made, facts.video[0].frames));
}

export const handler = mediaFunction(import.meta.url, { needs: 'video' }, async (job) => {
  const { wanted, facts, output } = job;
  const rungs = rungsFor(facts.video[0], wanted.maxRungs);
  const dir = await mkdtemp(join(tmpdir(), 'ladder-'));
  try {
    await encode(job, rungs, dir);
    for (const rung of rungs) await check(join(dir, rung.name), job, rung);
    if (facts.hasAudio) await check(join(dir, 'audio'), job);
    const renditions = rungs.map(({ name }) => ({ name, path: join(dir, name) }));
    const audio = facts.hasAudio
      ? [{ name: 'audio', path: join(dir, 'audio'), language: facts.audio[0].language }]
      : [];
    const made = await packageAll(
      { renditions, audio },
      { folder: output('stream'), segmentSeconds: wanted.segmentSeconds },
    );
    return { folder: wanted.destination, ...made };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
