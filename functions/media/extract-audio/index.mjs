import { mediaFunction, trackOf } from './lib/function.mjs';
import { checkSound, encodeSound } from './lib/sound.mjs';

export const handler = mediaFunction(import.meta.url, { needs: 'audio', check: checkSound }, async (job) => {
  const { wanted, facts, output } = job;
  const sound = trackOf(facts, wanted.track);
  const made = await encodeSound(job, { destination: output('audio'), track: wanted.track, sound });
  return { object: wanted.destination, ...made };
});
