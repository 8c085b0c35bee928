import { rm } from 'node:fs/promises';
import { MediaError } from './lib/errors.mjs';
import { mediaFunction, trackOf } from './lib/function.mjs';
import { filterTo, limitTo, marginDb, measureAll, measureLoudness } from './lib/loudness.mjs';
import { stages } from './lib/progress.mjs';
import { checkSound, encodeSound } from './lib/sound.mjs';

const toleranceLu = 0.5;
/** What is nearer is left as it is: another encoding would not make it better. */
const worthLu = 0.2;
const maxPasses = 5;

/**
 * Encodes, and measures what came out: loudnorm's limiter may take away what it gave, and the peaks of a lossy encoder
 * are not those that it was given. Each further pass corrects the loudness by what is missing, and lowers the ceiling by
 * what was above it.
 */
async function encodeTo({ lufs, truePeakDb }, { job, encoding, stage }) {
  const attempt = async (filter) => {
    const made = await encodeSound({ ...job, report: stage() }, { ...encoding, filter });
    const output = await measureLoudness(encoding.destination, { onSeconds: stage() });
    const missing = lufs - (output.integratedLufs ?? lufs);
    const over = (output.truePeakDb ?? truePeakDb) - truePeakDb;
    return { made, filter, missing, over, output: { ...output, withinPeak: over <= 0 } };
  };
  let [gainDb, ceilingDb, passes] = [0, truePeakDb - marginDb, 1];
  let last = await attempt(encoding.filter);
  let best = last;
  while (passes < maxPasses && (Math.abs(last.missing) >= worthLu || last.over > 0)) {
    passes += 1;
    // Of what is added, the limiter takes a part away again.
    gainDb += last.missing * (last.missing > 0 ? 1.5 : 1);
    if (last.over > 0) ceilingDb -= last.over + 0.1;
    last = await attempt(`${encoding.filter},volume=${gainDb.toFixed(2)}dB,${limitTo(ceilingDb)}`);
    if (distance(last) <= distance(best)) best = last;
  }
  // A correction may do harm where loudness and ceiling do not go together.
  const chosen = best === last ? last : await attempt(best.filter);
  return { ...chosen, passes: best === last ? passes : passes + 1 };
}

/** The loudness comes first, within what is promised; then the peaks. */
const distance = ({ missing, over }) =>
  Math.abs(missing) > toleranceLu ? 100 + Math.abs(missing) : Math.max(0, over) + Math.abs(missing) / 100;

export const handler = mediaFunction(import.meta.url, { needs: 'audio', check: checkSound }, async (job) => {
  const { wanted, source, facts, seconds, report, output } = job;
  const { targetLufs: lufs, truePeakDb, rangeLu, track } = wanted;
  const sound = trackOf(facts, track);
  const stage = stages(report, seconds, 3);
  const { thresholdLufs, ...input } = await measureAll(source, { track, seconds: sound.duration, onSeconds: stage() });
  if (input.integratedLufs === null) throw new MediaError('Media.InvalidInput', 'the sound is silent all over');
  const target = { lufs, truePeakDb, rangeLu };
  const destination = output('audio');
  const rate = wanted.sampleRate ?? Math.min(48_000, sound.sampleRate ?? 48_000);
  const withRate = { ...job, wanted: { ...wanted, sampleRate: wanted.format === 'opus' ? 48_000 : rate } };
  const filter = filterTo(target, { ...input, thresholdLufs });
  const encoding = { destination, track, sound, filter, tags: 'keep' };
  const encoded = await encodeTo(target, { job: withRate, encoding, stage });
  const reached = encoded.output.integratedLufs;
  if (reached === null || Math.abs(reached - lufs) > toleranceLu) {
    await rm(destination, { force: true });
    throw new MediaError('Media.BadOutput', `the result is at ${reached} LUFS, not within ${toleranceLu} of ${lufs}`);
  }
  const loudness = { input, output: encoded.output, passes: encoded.passes };
  return { object: wanted.destination, ...encoded.made, loudness };
});
