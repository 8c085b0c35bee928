import { filtersFor, fit } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { input, keepTimes } from './lib/ffmpeg.mjs';
import { produceFilm } from './lib/film.mjs';
import { mediaFunction } from './lib/function.mjs';
import { fileOf } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';

const places = {
  'top-left': (m) => [`${m}`, `${m}`],
  'top-right': (m) => [`W-w-${m}`, `${m}`],
  'bottom-left': (m) => [`${m}`, `H-h-${m}`],
  'bottom-right': (m) => [`W-w-${m}`, `H-h-${m}`],
  center: () => ['(W-w)/2', '(H-h)/2'],
};

async function imageOf(context) {
  const path = fileOf(context.inputs, 'image', 'image');
  const facts = await probe(path);
  if (facts.video.length === 0) throw new MediaError('Media.InvalidInput', '/image is not a picture');
  return path;
}

function filterFor({ wanted, facts }, size) {
  const { position, marginPx, relativeWidth, opacity, startSeconds, endSeconds } = wanted;
  const [x, y] = places[position](marginPx);
  const width = Math.max(2, 2 * Math.round((size.width * relativeWidth) / 2));
  const time =
    startSeconds === undefined && endSeconds === undefined
      ? ''
      : `:enable='between(t,${startSeconds ?? 0},${endSeconds ?? 1e6})'`;
  return [
    `[0:V:0]${filtersFor(facts.video[0], { size })}[film]`,
    `[1:v]scale=${width}:-1,format=rgba,colorchannelmixer=aa=${opacity}[mark]`,
    `[film][mark]overlay=x=${x}:y=${y}:eof_action=repeat${time},format=yuv420p[v]`,
  ].join(';');
}

export const handler = mediaFunction(import.meta.url, { needs: 'video' }, async (job) => {
  const { source, facts, context, seconds, wanted } = job;
  const image = await imageOf(context);
  const [[picture], [sound]] = [facts.video, facts.audio];
  const size = fit(picture, {});
  const maps = ['-map', '[v]', ...(sound ? ['-map', '0:a:0'] : [])];
  const args = [
    ...input(source),
    ...input(image),
    '-filter_complex',
    filterFor(job, size),
    ...maps,
    ...keepTimes(picture),
  ];
  const made = await produceFilm(job, { args, sound, expected: { seconds, size, frames: picture.frames } });
  return { object: wanted.destination, ...made };
});
