import { analyse } from './lib/analyse.mjs';
import { MediaError } from './lib/errors.mjs';
import { mediaFunction } from './lib/function.mjs';

export const handler = mediaFunction(import.meta.url, { needs: 'video', streams: ['video'] }, async (job) => {
  const { facts, wanted } = job;
  const video = `fps=${wanted.samplesPerSecond},cropdetect=${wanted.limit}:2:0,metadata=mode=print:file=-`;
  const notes = await analyse(job, { video }, 'looking for bars');
  // Never reset, the filter's last word is what holds for all pictures.
  const last = notes.findLast((note) => note['cropdetect.w'] !== undefined);
  if (!last)
    throw new MediaError('Media.InvalidInput', 'the video is too short, or black all over: nothing to measure');
  const [width, height, x, y] = ['w', 'h', 'x', 'y'].map((name) => Number(last[`cropdetect.${name}`]));
  const [{ width: wide, height: high }] = facts.video;
  return { width, height, x, y, hasBars: width < wide - 2 || height < high - 2, source: { width: wide, height: high } };
});
