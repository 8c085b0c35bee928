import { MediaError } from './lib/errors.mjs';
import { mediaFunction } from './lib/function.mjs';
import { checkTextual, writeSubtitles } from './lib/subtitles.mjs';

export const handler = mediaFunction(import.meta.url, {}, async ({ wanted, source, facts, output }) => {
  const [found] = facts.subtitles;
  if (!found) throw new MediaError('Media.NoSubtitleStream', 'the source has no subtitles');
  checkTextual(found);
  const { format, encoding } = wanted;
  const cues = await writeSubtitles(source, { format, encoding, destination: output('subtitles') });
  return { object: wanted.destination, format, cues };
});
