import { watched } from './lib/damage.mjs';
import { fit } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, hasNoIndex, input, keepTimes } from './lib/ffmpeg.mjs';
import { produceFilm } from './lib/film.mjs';
import { need } from './lib/function.mjs';
import { fileOf, filesOf, invalid, parametersOf } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';
import { percentReporter } from './lib/progress.mjs';

const sampleRate = 48_000;

/** A size that changes in the middle is for the scaler: rebuilt, `concat` would wait for ever. */
const partInput = (path) => ['-reinit_filter', '0', ...input(path)];

/** Each part as all parts must be: the same size with bars where it needs them, the same rate, with sound. */
function partFilters(facts, index, { size: { width, height }, fps, lengths }) {
  const inside = `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2`;
  const picture = `[${index}:V:0]${inside},pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2,setsar=1,fps=${fps},format=yuv420p[v${index}]`;
  const seconds = lengths[index];
  const format = `aformat=sample_fmts=fltp:sample_rates=${sampleRate}:channel_layouts=stereo`;
  const sound = facts.hasAudio
    ? `[${index}:a:0]aresample=async=1:first_pts=0,${format},apad,atrim=end=${seconds.toFixed(6)}[a${index}]`
    : `anullsrc=r=${sampleRate}:cl=stereo,${format},atrim=end=${seconds.toFixed(6)}[a${index}]`;
  return [picture, sound];
}

const doing = 'reading a part';

/** What has no index tells its length by its first and last time, and its clock may start again between them. */
async function lengthOf(path, { format, duration, video: [picture] }) {
  const told = picture.duration ?? duration;
  if (!hasNoIndex(format)) return told;
  const read = (...how) => ffmpeg([...input(path), '-map', '0:V:0', ...how, '-f', 'null', '-'], { doing });
  if ((await read('-c', 'copy')).seconds <= told + 0.5) return told;
  // Packets tell when pictures are decoded; when the last is shown is known when it is.
  return (await read(...keepTimes())).seconds;
}

async function readParts(files, limit) {
  const parts = [];
  for (const file of files) parts.push(await probe(file));
  for (const facts of parts) need(facts, 'video');
  if (parts.some(({ video: [picture] }) => picture.hdr))
    throw new MediaError('Media.Unsupported', 'a part has high dynamic range: transcode it first');
  const lengths = [];
  for (const [index, file] of files.entries()) lengths.push(await lengthOf(file, parts[index]));
  const seconds = lengths.reduce((sum, each) => sum + each, 0);
  if (seconds > limit) throw new MediaError('Media.ResourceLimit', `the parts last ${seconds} s, longer than ${limit}`);
  return { parts, lengths, seconds };
}

export async function handler(event, context) {
  const wanted = parametersOf(event, import.meta.url);
  const files = filesOf(context.inputs, 'sources');
  if (files.length === 0) throw invalid([{ pointer: '/sources', message: 'must name objects; there are no files' }]);
  const { parts, lengths, seconds } = await readParts(files, wanted.maxDurationSeconds);
  const [first] = parts[0].video;
  const size = fit(first, { width: wanted.width, height: wanted.height });
  const fps = wanted.fps ?? first.frameRate ?? 25;
  const hasSound = parts.some(({ hasAudio }) => hasAudio);
  const filters = parts.flatMap((facts, index) =>
    partFilters(facts, index, { size, fps, lengths }).slice(0, hasSound ? 2 : 1),
  );
  const pads = parts.map((_, index) => `[v${index}]${hasSound ? `[a${index}]` : ''}`).join('');
  const joined = `${pads}concat=n=${parts.length}:v=1:a=${hasSound ? 1 : 0}[v]${hasSound ? '[a]' : ''}`;
  const maps = ['-map', '[v]', ...(hasSound ? ['-map', '[a]'] : [])];
  const args = [...files.flatMap(partInput), '-filter_complex', [...filters, joined].join(';'), ...maps];
  const report = percentReporter(context, seconds);
  const job = { wanted, report, output: (name) => fileOf(context.outputs, name, 'destination') };
  const sound = hasSound ? { channels: 2 } : undefined;
  const frames = Math.round(seconds * fps);
  const sources = files.map((path, index) => ({ name: `/sources/${index}`, path, facts: parts[index] }));
  const made = await watched({ sources, onDamage: wanted.onDamage }, (salvage) =>
    produceFilm({ ...job, salvage }, { args, sound, expected: { seconds, size, frames } }),
  );
  report.done();
  const spans = lengths.map((length, index) => ({
    startSeconds: lengths.slice(0, index).reduce((sum, each) => sum + each, 0),
    seconds: length,
  }));
  return { object: wanted.destination, parts: spans, ...made };
}
