import { mediaFunction, trackOf } from './lib/function.mjs';
import { measureLoudness } from './lib/loudness.mjs';

export const handler = mediaFunction(import.meta.url, { needs: 'audio' }, async ({ wanted, source, facts, report }) => {
  const { duration } = trackOf(facts, wanted.track);
  return measureLoudness(source, { track: wanted.track, onSeconds: report, seconds: duration });
});
