import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { codecName } from './codecs.mjs';
import { MediaError } from './errors.mjs';
import { ffmpeg, input } from './ffmpeg.mjs';
import { dashManifest, hlsMaster, bandwidthOf } from './manifests.mjs';
import { readMp4 } from './mp4.mjs';
import { probe } from './probe.mjs';
import { ofMp4 } from './verify.mjs';

const maxSegments = 1_900;
/** An encoder's padding of sound is not played. */
const toleranceSeconds = 0.25;
/** Most of the time goes into starting programs: two streams at a time take little more memory, and wait less. */
const lanes = 2;

/** One stream to a folder of CMAF segments and a playlist, without encoding. One process each: 4.1 crashes on more. */
async function segment(path, { type, dir, segmentSeconds, startSeconds }) {
  await mkdir(dir, { recursive: true });
  const hls = [
    '-f',
    'hls',
    '-hls_time',
    String(segmentSeconds),
    '-hls_playlist_type',
    'vod',
    '-hls_segment_type',
    'fmp4',
  ];
  const names = [
    '-hls_flags',
    'independent_segments',
    '-hls_fmp4_init_filename',
    'init.mp4',
    '-hls_segment_filename',
    join(dir, 'segment_%05d.m4s'),
  ];
  const map = ['-map', type === 'video' ? '0:V:0' : '0:a:0', '-map_metadata', '-1', '-c', 'copy'];
  // ffmpeg begins every output at zero; a stream that begins later than the others has to stay there, by the times of
  // its segments (frag_discont) and not by an edit list, which players of segments do not read.
  const isLate = startSeconds > 0;
  const late = isLate ? ['-itsoffset', startSeconds.toFixed(6)] : [];
  const kept = isLate ? ['-hls_segment_options', 'movflags=+frag_discont'] : [];
  await ffmpeg([...late, ...input(path), ...map, ...hls, ...kept, ...names, join(dir, 'index.m3u8')], {
    doing: 'cutting into segments',
  });
}

/** The segments as the playlist lists them. */
async function segmentsOf(dir) {
  const text = await readFile(join(dir, 'index.m3u8'), 'utf8').catch(() => '');
  const listed = [...text.matchAll(/^#EXTINF:([\d.]+),\n(.+)$/gm)];
  const segments = [];
  for (const [, seconds, name] of listed)
    segments.push({ name, seconds: Number(seconds), bytes: (await stat(join(dir, name))).size });
  if (segments.length === 0) throw new MediaError('Media.BadOutput', 'there are no segments');
  return segments;
}

/** A full disk ends with code 0 here, so the segments are put together again and counted. */
async function checkSegments({ frames, duration }, { dir, segments, type }) {
  const whole = join(dir, 'whole.tmp');
  try {
    for (const [index, name] of ['init.mp4', ...segments.map((each) => each.name)].entries())
      await pipeline(createReadStream(join(dir, name)), createWriteStream(whole, { flags: index === 0 ? 'w' : 'a' }));
    const after = await ofMp4(whole);
    const [found] = type === 'video' ? after.video : after.audio;
    if (frames !== undefined && found?.frames !== frames)
      throw new MediaError('Media.BadOutput', `the segments have ${found?.frames} packets instead of ${frames}`);
    const seconds = segments.reduce((sum, each) => sum + each.seconds, 0);
    if (!(seconds >= (duration ?? 0) - toleranceSeconds))
      throw new MediaError('Media.TruncatedInput', `only ${seconds} s of ${duration} came into the segments`);
  } finally {
    await rm(whole, { force: true });
  }
}

/** An MP4 says so in its edit list; others are of no use for this. */
async function startOf(path, type) {
  const [stream] = (await readMp4(path))?.[type] ?? [];
  return stream?.startSeconds ?? 0;
}

async function packageStream({ path, name, language }, { type, folder, segmentSeconds }) {
  // What a sound's codec is called depends on its profile, which only a decoder knows.
  const before = type === 'video' ? await ofMp4(path) : await probe(path, { countPackets: true });
  const [facts] = type === 'video' ? before.video : before.audio;
  if (!facts)
    throw new MediaError(type === 'video' ? 'Media.NoVideoStream' : 'Media.NoAudioStream', `${name} has no ${type}`);
  const dir = join(folder, name);
  const startSeconds = await startOf(path, type);
  await segment(path, { type, dir, segmentSeconds, startSeconds });
  const segments = await segmentsOf(dir);
  await checkSegments(facts, { dir, segments, type });
  // ISO 639-2 for "not said".
  const spoken = language === 'und' ? undefined : language;
  const codec = codecName(facts, await readFile(join(dir, 'init.mp4')));
  return { name, language: spoken, facts, startSeconds, segments, codec };
}

function endsOf({ segments, startSeconds }) {
  let at = startSeconds;
  return segments.map(({ seconds }) => (at += seconds));
}

/** Players switch between renditions at segments: these must end at the same times in all. */
function checkAlignment(streams) {
  const [first, ...others] = streams.map(endsOf);
  for (const [index, ends] of others.entries()) {
    const isSame = ends.length === first.length && ends.every((at, place) => Math.abs(at - first[place]) < 0.002);
    if (!isSame)
      throw new MediaError(
        'Media.InvalidInput',
        `the key frames of ${streams[index + 1].name} are not where those of ${streams[0].name} are: encode both with the same keyframeSeconds`,
      );
  }
}

/**
 * Renditions and sound tracks to one folder: NAME/init.mp4, NAME/segment_00000.m4s …, NAME/index.m3u8, and beside them
 * master.m3u8 (HLS) and manifest.mpd (DASH), which use the same segments.
 */
export async function packageAll({ renditions, audio }, { folder, segmentSeconds, report }) {
  await mkdir(folder, { recursive: true });
  const made = { video: [], audio: [] };
  const waiting = [
    ...renditions.map((stream, index) => ({ stream, index, type: 'video' })),
    ...audio.map((stream, index) => ({ stream, index, type: 'audio' })),
  ];
  let done = 0;
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { stream, index, type } = next;
      made[type][index] = await packageStream(stream, { type, folder, segmentSeconds });
      report?.(++done);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  checkAlignment(made.video);
  const streams = [...made.video, ...made.audio];
  const count = streams.reduce((sum, { segments }) => sum + segments.length, 0);
  if (count > maxSegments)
    throw new MediaError('Media.ResourceLimit', `${count} segments, more than ${maxSegments}: raise segmentSeconds`);
  await writeFile(join(folder, 'master.m3u8'), hlsMaster(made));
  await writeFile(join(folder, 'manifest.mpd'), dashManifest(made));
  return {
    hls: 'master.m3u8',
    dash: 'manifest.mpd',
    streams: streams.map((stream) => ({
      name: stream.name,
      codec: stream.codec,
      ...(stream.facts.width && { width: stream.facts.width, height: stream.facts.height }),
      segments: stream.segments.length,
      bandwidth: bandwidthOf(stream).peak,
      averageBandwidth: bandwidthOf(stream).average,
    })),
  };
}
