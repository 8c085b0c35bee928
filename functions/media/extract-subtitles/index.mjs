import { MediaError } from './lib/errors.mjs';
import { mediaFunction } from './lib/function.mjs';
import { invalid } from './lib/parameters.mjs';
import { checkTextual, writeSubtitles } from './lib/subtitles.mjs';

function check({ stream, language }) {
  if (stream !== undefined && language !== undefined)
    throw invalid([{ pointer: '/language', message: 'must not stand together with /stream' }]);
}

function choose({ subtitles }, { stream, language }) {
  const index = language === undefined ? (stream ?? 0) : subtitles.findIndex((each) => each.language === language);
  if (subtitles[index]) return index;
  const said = subtitles.map((each) => each.language ?? '?').join(', ');
  throw new MediaError('Media.NoSubtitleStream', `the source has no such subtitles, only: ${said || 'none'}`);
}

export const handler = mediaFunction(import.meta.url, { check }, async ({ wanted, source, facts, output }) => {
  const stream = choose(facts, wanted);
  const found = facts.subtitles[stream];
  checkTextual(found);
  const cues = await writeSubtitles(source, { stream, format: wanted.format, destination: output('subtitles') });
  return {
    object: wanted.destination,
    format: wanted.format,
    cues,
    ...(found.language && { language: found.language }),
  };
});
