import { stat } from 'node:fs/promises';
import { filtersFor, fit } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, part } from './lib/ffmpeg.mjs';
import { fileOf, invalid, parametersOf } from './lib/parameters.mjs';
import { ofJpeg, ofPng } from './lib/pictures.mjs';
import { probe } from './lib/probe.mjs';
import { produce } from './lib/verify.mjs';

/** mjpeg counts from 2 (best) to 31. */
const mjpegQuality = (quality) => String(Math.round(31 - (quality / 100) * 29));

const formats = {
  jpg: { pixels: 'yuvj420p', encoder: ({ quality }) => ['-c:v', 'mjpeg', '-q:v', mjpegQuality(quality)] },
  png: { pixels: 'rgb24', encoder: () => ['-c:v', 'png'] },
  webp: { pixels: 'yuv420p', encoder: ({ quality }) => ['-c:v', 'libwebp', '-q:v', String(quality)] },
};

function readParameters(event) {
  const wanted = parametersOf(event, import.meta.url);
  if (wanted.timeSeconds !== undefined && wanted.percent !== undefined) {
    throw invalid([{ pointer: '/percent', message: 'must not stand together with /timeSeconds' }]);
  }
  return wanted;
}

/** When to take the picture: within the video, for seeking past the end gives no picture and no error. */
function timeOf(facts, { timeSeconds, percent = 10 }) {
  const [video] = facts.video;
  const duration = video.duration ?? facts.duration ?? 0;
  const last = Math.max(0, duration - 1 / (video.frameRate || 25));
  return Math.min(timeSeconds ?? (duration * percent) / 100, last);
}

async function isMissing(path) {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  return size === 0;
}

function take(source, start, wanted, { size, picture, format }) {
  const { pixels, encoder } = formats[wanted.format];
  const { before, after } = part(source, { format, start });
  return (partial) =>
    ffmpeg(
      [
        ...before,
        ...after,
        ...'-map 0:V:0 -frames:v 1'.split(' '),
        '-vf',
        filtersFor(picture, { size, format: pixels }),
        ...encoder(wanted),
        '-map_metadata',
        '-1',
        '-f',
        'image2',
        '-update',
        '1',
        `file:${partial}`,
      ],
      { doing: 'taking the picture' },
    );
}

export async function handler(event, context) {
  const wanted = readParameters(event);
  const source = fileOf(context.inputs, 'source', 'source');
  const destination = fileOf(context.outputs, 'image', 'destination');
  const facts = wanted.facts ?? (await probe(source));
  if (facts.video.length === 0) throw new MediaError('Media.NoVideoStream', 'the source has no video');
  const [picture] = facts.video;
  const size = fit(picture, wanted);
  const how = { size, picture, format: facts.format };
  let at = timeOf(facts, wanted);
  const made = await produce(
    destination,
    async (partial) => {
      await take(source, at, wanted, how)(partial);
      // A header may promise more than there is: then the first picture is better than none.
      if (at > 0 && (await isMissing(partial))) await take(source, (at = 0), wanted, how)(partial);
      if (await isMissing(partial)) throw new MediaError('Media.InvalidInput', 'no picture could be read');
    },
    ({ video: [found] }) => {
      if (found?.width === size.width && found.height === size.height) return;
      throw new MediaError(
        'Media.BadOutput',
        `the picture is ${found?.width}x${found?.height}, not ${size.width}x${size.height}`,
      );
    },
    { jpg: ofJpeg, png: ofPng }[wanted.format],
  );
  return { object: wanted.destination, timeSeconds: at, format: made.format, size: made.size, ...size };
}
