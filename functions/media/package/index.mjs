import { packageAll } from './lib/package.mjs';
import { fileOf, filesOf, invalid, parametersOf } from './lib/parameters.mjs';
import { percentReporter } from './lib/progress.mjs';

/** The objects of the event with their files; names become folders, so each must be one of a kind. */
function streamsOf(listed, paths, field, names) {
  if (paths.length !== listed.length)
    throw invalid([{ pointer: `/${field}`, message: 'must name objects; files are missing' }]);
  return listed.map(({ name, language }, index) => {
    if (names.has(name)) throw invalid([{ pointer: `/${field}/${index}/name`, message: `must not be ${name} again` }]);
    names.add(name);
    return { name, language, path: paths[index] };
  });
}

export async function handler(event, context) {
  const wanted = parametersOf(event, import.meta.url);
  const names = new Set();
  const renditions = streamsOf(wanted.renditions, filesOf(context.inputs, 'renditions'), 'renditions', names);
  const audio = streamsOf(wanted.audio, filesOf(context.inputs, 'audio'), 'audio', names);
  if (renditions.length + audio.length === 0)
    throw invalid([{ pointer: '/renditions', message: 'or /audio must have an item' }]);
  const folder = fileOf(context.outputs, 'stream', 'destination');
  const report = percentReporter(context, renditions.length + audio.length, 'streams');
  const made = await packageAll({ renditions, audio }, { folder, segmentSeconds: wanted.segmentSeconds, report });
  report.done();
  return { folder: wanted.destination, ...made };
}
