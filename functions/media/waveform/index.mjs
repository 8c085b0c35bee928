import { writeFile } from 'node:fs/promises';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { mediaFunction, trackOf } from './lib/function.mjs';
import { fileOf, invalid } from './lib/parameters.mjs';
import { ofPng } from './lib/pictures.mjs';
import { checkRead, produce } from './lib/verify.mjs';

const maxPoints = 2_000_000;

/** Least and greatest sample of each pixel, as audiowaveform's JSON has them. The sound is never held whole. */
function peaks(samplesPerPixel) {
  const data = [];
  let [least, greatest, count, half] = [32_767, -32_768, 0, undefined];
  const flush = () => {
    if (count > 0) data.push(least >> 8, greatest >> 8);
    [least, greatest, count] = [32_767, -32_768, 0];
  };
  const add = (sample) => {
    if (sample < least) least = sample;
    if (sample > greatest) greatest = sample;
    count += 1;
    if (count === samplesPerPixel) flush();
  };
  return {
    take(bytes) {
      // A chunk may end in the middle of a sample.
      const whole = half ? Buffer.concat([half, bytes]) : bytes;
      for (let at = 0; at + 1 < whole.length; at += 2) add(whole.readInt16LE(at));
      half = whole.length % 2 === 1 ? whole.subarray(-1) : undefined;
    },
    end: () => (flush(), data),
  };
}

/** Numbers, picture, or both out of one reading of the sound. */
async function read({ source, wanted, report, expected }, { sampleRate, image }) {
  const { json, samplesPerPixel, track, width, height, color } = wanted;
  const points = peaks(samplesPerPixel);
  const pcm = ['-map', `0:a:${track}`, '-vn', '-ac', '1', '-ar', String(sampleRate), '-f', 's16le', '-'];
  const filter = `[0:a:${track}]aformat=channel_layouts=mono,showwavespic=s=${width}x${height}:colors=0x${color.slice(1)}:scale=sqrt[v]`;
  const picture = ['-filter_complex', filter, '-map', '[v]', ...'-frames:v 1 -c:v png -f image2 -update 1'.split(' ')];
  // The picture alone would not tell whether all was read.
  const sound = json ? pcm : ['-map', `0:a:${track}`, '-vn', '-f', 'null', '-'];
  const run = async (partial) => {
    const how = {
      doing: 'drawing the waveform',
      onSeconds: report,
      ...(json && { onData: points.take }),
    };
    const file = partial ? [...picture, `file:${partial}`] : [];
    checkRead((await ffmpeg([...input(source), ...sound, ...file], how)).seconds, expected);
  };
  await (image ? produce(image, run, checkPicture(wanted), ofPng) : run());
  return points.end();
}

const checkPicture =
  ({ width, height }) =>
  ({ video: [made] }) => {
    if (made?.width !== width || made.height !== height) throw new MediaError('Media.BadOutput', 'no such picture');
  };

/** What audiowaveform writes. */
function jsonOf(data, { samplesPerPixel, sampleRate }) {
  if (data.length === 0) throw new MediaError('Media.InvalidInput', 'no sound could be read');
  const head = { version: 2, channels: 1, sample_rate: sampleRate, samples_per_pixel: samplesPerPixel, bits: 8 };
  return JSON.stringify({ ...head, length: data.length / 2, data });
}

export const handler = mediaFunction(import.meta.url, { needs: 'audio' }, async (job) => {
  const { wanted, facts, context, seconds } = job;
  const { json, image, samplesPerPixel, track } = wanted;
  if (!json && !image) throw invalid([{ pointer: '/json', message: 'or /image must be given' }]);
  const sound = trackOf(facts, track);
  const sampleRate = sound.sampleRate ?? 48_000;
  if ((seconds * sampleRate) / samplesPerPixel > maxPoints)
    throw new MediaError('Media.ResourceLimit', `more than ${maxPoints} points: raise samplesPerPixel`);
  const path = image && fileOf(context.outputs, 'image', 'image');
  const data = await read({ ...job, expected: sound.duration ?? seconds }, { sampleRate, image: path });
  if (json) await writeFile(fileOf(context.outputs, 'json', 'json'), jsonOf(data, { samplesPerPixel, sampleRate }));
  return {
    ...(json && { json, points: data.length / 2, samplesPerPixel, sampleRate }),
    ...(image && { image, width: wanted.width, height: wanted.height }),
    duration: seconds,
  };
});
