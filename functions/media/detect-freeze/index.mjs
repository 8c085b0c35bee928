import { analyse, lengthOf, spansOf } from './lib/analyse.mjs';
import { mediaFunction } from './lib/function.mjs';

export const handler = mediaFunction(import.meta.url, { needs: 'video', streams: ['video'] }, async (job) => {
  const { wanted, seconds } = job;
  const video = `scale=320:-2,freezedetect=n=${wanted.noiseDb}dB:d=${wanted.minSeconds},metadata=mode=print:file=-`;
  const notes = await analyse(job, { video }, 'looking for standstill');
  const names = ['freezedetect.freeze_start', 'freezedetect.freeze_end'];
  const freezes = spansOf(notes, names, { total: seconds });
  return { freezes, frozenSeconds: lengthOf(freezes), duration: seconds };
});
