import { checkCodecs, filtersFor, fit, encoderArguments } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input, timing } from './lib/ffmpeg.mjs';
import { mediaFunction } from './lib/function.mjs';
import { checkBitrate, objectOf } from './lib/parameters.mjs';
import { ofMp4, produce } from './lib/verify.mjs';

function check({ video }) {
  checkBitrate(video.maxBitrate, '/video/maxBitrate', [10_000, 200_000_000]);
  checkCodecs('mp4', video, { codec: 'none' });
}

/** A constant rate is written exactly; else pictures keep their times, in ninety-thousandths of a second. */
const timesFor = (frameRate) =>
  frameRate
    ? [...timing('cfr'), '-r', frameRate]
    : [...timing('passthrough'), '-enc_time_base', '1:90000', '-video_track_timescale', '90000'];

/** One thread and no marks of the encoder's: the same chunk is the same bytes wherever it is made. */
const repeatable = '-threads 1 -filter_threads 1 -fflags +bitexact -flags:v +bitexact'.split(' ');

function encoderFor({ wanted, source, facts }, size) {
  const { chunk, video, frameRate } = wanted;
  const seek = chunk.startSeconds > 0 ? ['-ss', chunk.startSeconds.toFixed(6)] : [];
  const maps = '-map 0:V:0 -an -sn -dn -map_metadata -1 -map_chapters -1'.split(' ');
  const tolerates = wanted.onDamage === 'tolerate';
  const steps = [
    // It begins with its first picture, wherever that is: nothing is shown twice to fill a gap before it. Where pictures
    // are lost to damage the others keep their times, and the last is shown again, so that the film has all frames.
    ...(tolerates && chunk.startSeconds > 0 ? [] : ['setpts=PTS-STARTPTS']),
    filtersFor(facts.video[0], { size }),
    ...(tolerates ? ['tpad=stop_mode=clone:stop=-1'] : []),
  ];
  const filters = ['-vf', steps.join(','), ...timesFor(frameRate)];
  const frames = ['-frames:v', String(chunk.frames)];
  const encoding = [...encoderArguments(video), ...repeatable, '-f', 'mp4'];
  return ['-threads', '1', ...seek, ...input(source), ...maps, ...frames, ...filters, ...encoding];
}

function checkChunk({ video: [found] }, chunk, size) {
  const { index, frames } = chunk;
  if (found?.frames !== frames)
    throw new MediaError('Media.TruncatedInput', `chunk ${index} has ${found?.frames} frames instead of ${frames}`);
  if (found.width !== size.width || found.height !== size.height)
    throw new MediaError('Media.BadOutput', `chunk ${index} is ${found.width}x${found.height}`);
}

const span = ({ chunk: { startSeconds, durationSeconds } }) => ({ start: startSeconds, length: durationSeconds });

export const handler = mediaFunction(
  import.meta.url,
  { needs: 'video', streams: ['video'], span, check },
  async (job) => {
    const { wanted, facts, seconds, report, output } = job;
    const { index, frames, durationSeconds } = wanted.chunk;
    const size = fit(facts.video[0], wanted.video);
    const args = encoderFor(job, size);
    // Progress is of the chunk and not of the film that it is a part of.
    const onSeconds = (at) => report((at * seconds) / durationSeconds);
    const made = await produce(
      output('chunk'),
      (partial) => ffmpeg([...args, `file:${partial}`], { doing: `encoding chunk ${index}`, onSeconds }),
      (found) => checkChunk(found, wanted.chunk, size),
      ofMp4,
    );
    return { ...objectOf(wanted.destination), index, frames, durationSeconds, size: made.size };
  },
);
