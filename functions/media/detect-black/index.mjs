import { analyse, lengthOf, spansOf } from './lib/analyse.mjs';
import { mediaFunction } from './lib/function.mjs';

export const handler = mediaFunction(import.meta.url, { needs: 'video', streams: ['video'] }, async (job) => {
  const { wanted, seconds } = job;
  const { minSeconds, pixelThreshold } = wanted;
  const video = `blackdetect=d=${minSeconds}:pix_th=${pixelThreshold},metadata=mode=print:file=-`;
  const notes = await analyse(job, { video }, 'looking for black');
  const black = spansOf(notes, ['black_start', 'black_end'], { total: seconds, minSeconds });
  const blackSeconds = lengthOf(black);
  return { black, blackSeconds, duration: seconds, isBlack: blackSeconds >= seconds * 0.99 };
});
