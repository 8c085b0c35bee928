import { filtersFor, fit } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, hasNoIndex, input, keepTimes, part } from './lib/ffmpeg.mjs';
import { produceFilm } from './lib/film.mjs';
import { mediaFunction } from './lib/function.mjs';
import { invalid } from './lib/parameters.mjs';
import { checkOutput, produce } from './lib/verify.mjs';

function spanOf({ startSeconds, endSeconds }, seconds) {
  const end = Math.min(endSeconds ?? seconds, seconds);
  if (endSeconds !== undefined && endSeconds <= startSeconds)
    throw invalid([{ pointer: '/endSeconds', message: 'must be greater than /startSeconds' }]);
  if (startSeconds >= seconds)
    throw invalid([{ pointer: '/startSeconds', message: `must be less than the source's ${seconds.toFixed(3)} s` }]);
  return { start: startSeconds, length: end - startSeconds };
}

/** To the frame: all is encoded anew. */
async function cut(job, { start, length }) {
  const [picture, sound] = [job.facts.video[0], job.facts.audio[0]];
  const size = fit(picture, {});
  const { before, after } = part(job.source, { format: job.facts.format, start, length });
  const maps = ['-map', '0:V:0', ...(sound ? ['-map', '0:a:0'] : []), '-vf', filtersFor(picture, { size })];
  const args = [...before, ...after, ...maps, ...keepTimes(picture)];
  const isEven = picture.frameRate && !picture.variableRate && !hasNoIndex(job.facts.format);
  const frames = isEven ? Math.round(length * picture.frameRate) : undefined;
  return produceFilm(job, { args, sound, expected: { seconds: length, size, frames, isPart: true } });
}

/** Without encoding: from the key frame before the start. */
function copy(job, { start, length }) {
  const { source, output, facts } = job;
  const seek = ['-ss', start.toFixed(6), '-t', length.toFixed(6), ...input(source)];
  const options = ['-map', '0:V?', '-map', '0:a?', '-c', 'copy', '-avoid_negative_ts', 'make_zero', '-f', 'mp4'];
  return produce(
    output('video'),
    (partial) => ffmpeg([...seek, ...options, '-movflags', '+faststart', `file:${partial}`], { doing: 'copying' }),
    (made) => {
      checkOutput(made, { limitSeconds: Number.MAX_SAFE_INTEGER, audio: facts.hasAudio });
      if (made.duration < length - 1)
        throw new MediaError('Media.TruncatedInput', `only ${made.duration} s could be read`);
      if (facts.video.length !== made.video.length)
        throw new MediaError('Media.BadOutput', 'a picture stream is missing');
    },
  );
}

export const handler = mediaFunction(
  import.meta.url,
  { needs: 'video', streams: ['video', 'audio'], span: spanOf },
  async (job) => {
    const span = spanOf(job.wanted, job.seconds);
    const made = job.wanted.mode === 'copy' ? await copy(job, span) : await cut(job, span);
    return { object: job.wanted.destination, startSeconds: span.start, ...made };
  },
);
