import { rm } from 'node:fs/promises';
import { MediaError } from './lib/errors.mjs';
import { mediaFunction, trackOf } from './lib/function.mjs';
import { filterTo, measureAll, measureLoudness } from './lib/loudness.mjs';
import { checkSound, encodeSound } from './lib/sound.mjs';

const toleranceLu = 0.5;
/** What is nearer is left as it is: another encoding would not make it better. */
const worthLu = 0.2;

/** The encoded file and what it measures. loudnorm's limiter may take away what it gave; one correction evens it out. */
async function encodeTo(target, job, encoding) {
  const made = await encodeSound(job, encoding);
  const output = await measureLoudness(encoding.destination);
  const missing = target.lufs - (output.integratedLufs ?? target.lufs);
  const hasRoom = missing < 0 || (output.truePeakDb ?? 0) + missing <= target.truePeakDb;
  if (Math.abs(missing) < worthLu || encoding.isCorrected || !hasRoom) return { made, output };
  const filter = `${encoding.filter},volume=${missing.toFixed(2)}dB`;
  return encodeTo(target, job, { ...encoding, filter, isCorrected: true });
}

export const handler = mediaFunction(import.meta.url, { needs: 'audio', check: checkSound }, async (job) => {
  const { wanted, source, facts, output } = job;
  const { targetLufs: lufs, truePeakDb, rangeLu, track } = wanted;
  const sound = trackOf(facts, track);
  const { thresholdLufs, ...input } = await measureAll(source, { track });
  if (input.integratedLufs === null) throw new MediaError('Media.InvalidInput', 'the sound is silent all over');
  const target = { lufs, truePeakDb, rangeLu };
  const destination = output('audio');
  const rate = wanted.sampleRate ?? Math.min(48_000, sound.sampleRate ?? 48_000);
  const withRate = { ...job, wanted: { ...wanted, sampleRate: wanted.format === 'opus' ? 48_000 : rate } };
  const filter = filterTo(target, { ...input, thresholdLufs });
  const encoded = await encodeTo(target, withRate, { destination, track, sound, filter, tags: 'keep' });
  const reached = encoded.output.integratedLufs;
  if (reached === null || Math.abs(reached - lufs) > toleranceLu) {
    await rm(destination, { force: true });
    throw new MediaError('Media.BadOutput', `the result is at ${reached} LUFS, not within ${toleranceLu} of ${lufs}`);
  }
  return { object: wanted.destination, ...encoded.made, loudness: { input, output: encoded.output } };
});
