import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { mediaFunction } from './lib/function.mjs';
import { probe } from './lib/probe.mjs';
import { checkOutput, expectedSeconds, produce } from './lib/verify.mjs';

const containers = {
  mp4: { muxer: ['-f', 'mp4', '-movflags', '+faststart'], subtitles: 'mov_text' },
  mov: { muxer: ['-f', 'mov', '-movflags', '+faststart'], subtitles: 'mov_text' },
  mkv: { muxer: ['-f', 'matroska'], subtitles: 'copy' },
  webm: { muxer: ['-f', 'webm'], subtitles: 'webvtt' },
  ts: { muxer: ['-f', 'mpegts'] },
  m4a: { muxer: ['-f', 'ipod', '-movflags', '+faststart'], isSoundOnly: true },
};

function streamsOf({ subtitles, isSoundOnly }, wanted) {
  const picture = isSoundOnly ? ['-vn'] : ['-map', '0:V?'];
  const text = subtitles && wanted.subtitles === 'keep' ? ['-map', '0:s?', '-c:s', subtitles] : ['-sn'];
  return [...picture, '-map', '0:a?', ...text, '-c:v', 'copy', '-c:a', 'copy'];
}

/** Copied means that not one picture is missing. */
function checkCopy(before, after, { isSoundOnly, subtitles }, wanted) {
  const [from, to] = [before.video[0]?.frames, after.video[0]?.frames];
  if (!isSoundOnly && from !== to)
    throw new MediaError('Media.BadOutput', `${to} frames were copied instead of ${from}`);
  if (before.audio.length !== after.audio.length)
    throw new MediaError('Media.BadOutput', `${after.audio.length} of ${before.audio.length} audio tracks were copied`);
  const texts = subtitles && wanted.subtitles === 'keep' ? before.subtitles.length : 0;
  if (after.subtitles.length < texts)
    throw new MediaError('Media.BadOutput', `${after.subtitles.length} of ${texts} subtitle tracks were copied`);
}

/** Tracks of data are not copied; the clock of a film (tmcd) is written anew where the container has one. */
const droppedOf = ({ data = [], timecode }, made) =>
  data
    .filter(({ codec }) => !made.data?.some((track) => track.codec === codec))
    .map((track) => ({ ...track, ...(track.codec === 'tmcd' && { timecode }) }));

export const handler = mediaFunction(import.meta.url, {}, async (job) => {
  const { wanted, source, seconds, report, output } = job;
  const container = containers[wanted.container];
  const facts = await probe(source, { countPackets: true });
  const tags = wanted.metadata === 'keep' ? ['-map_metadata', '0'] : ['-map_metadata', '-1', '-map_chapters', '-1'];
  const options = [...streamsOf(container, wanted), '-dn', ...tags, '-max_interleave_delta', '0', ...container.muxer];
  const made = await produce(
    output('media'),
    (partial) => ffmpeg([...input(source), ...options, `file:${partial}`], { doing: 'copying', onSeconds: report }),
    (found) => {
      const limitSeconds = wanted.maxDurationSeconds;
      const expected = container.isSoundOnly ? expectedSeconds(facts, facts.audio) : seconds;
      checkOutput(found, { seconds: expected, format: facts.format, limitSeconds, audio: facts.hasAudio });
      checkCopy(facts, found, container, wanted);
    },
  );
  const dropped = droppedOf(facts, made);
  return { object: wanted.destination, ...made, ...(dropped.length > 0 && { dropped }) };
});
