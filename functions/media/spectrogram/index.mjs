import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { mediaFunction, trackOf } from './lib/function.mjs';
import { ofPng } from './lib/pictures.mjs';
import { checkRead, produce } from './lib/verify.mjs';

export const handler = mediaFunction(import.meta.url, { needs: 'audio' }, async (job) => {
  const { wanted, source, facts, output, report } = job;
  const { width, height, scale, legend, track } = wanted;
  const sound = trackOf(facts, track);
  // The picture alone would not tell whether all was read.
  const all = ['-map', `0:a:${track}`, '-vn', '-f', 'null', '-'];
  const filter = `[0:a:${track}]showspectrumpic=s=${width}x${height}:mode=combined:scale=${scale}:legend=${legend ? 1 : 0}[v]`;
  const args = [
    '-filter_complex',
    filter,
    '-map',
    '[v]',
    '-frames:v',
    '1',
    '-c:v',
    'png',
    '-f',
    'image2',
    '-update',
    '1',
  ];
  const made = await produce(
    output('image'),
    async (partial) => {
      const how = { doing: 'drawing the spectrogram', onSeconds: report };
      checkRead((await ffmpeg([...input(source), ...all, ...args, `file:${partial}`], how)).seconds, sound.duration);
    },
    ({ video: [picture] }) => {
      // A legend adds its margin.
      if (!picture || picture.width < width || picture.height < height)
        throw new MediaError('Media.BadOutput', 'the picture is too small');
    },
    ofPng,
  );
  const [picture] = made.video;
  return { object: wanted.destination, width: picture.width, height: picture.height, size: made.size };
});
