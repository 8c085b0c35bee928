import { analyse, lengthOf, spansOf } from './lib/analyse.mjs';
import { mediaFunction, trackOf } from './lib/function.mjs';

export const handler = mediaFunction(import.meta.url, { needs: 'audio' }, async (job) => {
  const { facts, wanted, seconds } = job;
  trackOf(facts, wanted.track);
  // Without `mono` each channel would be told apart; silence is where all of them are silent.
  const audio = `silencedetect=n=${wanted.noiseDb}dB:d=${wanted.minSeconds},ametadata=mode=print:file=-`;
  const notes = await analyse(job, { audio, track: wanted.track }, 'looking for silence');
  const silences = spansOf(notes, ['silence_start', 'silence_end'], { total: seconds });
  const silentSeconds = lengthOf(silences);
  return { silences, silentSeconds, duration: seconds, isSilent: silentSeconds >= seconds * 0.99 };
});
