import { MediaError, plain } from './errors.mjs';
import { ffmpeg, hasNoIndex, input, overhear } from './ffmpeg.mjs';

const maxTold = 10;
/** Where a part is looked at: complaints about pictures that a seek has left without their reference end before it. */
const wayBackSeconds = 12;
/** A film that is broken all over is not read to its end for that. */
const maxPlaces = 500;

/** Decoders and demuxers complain by errors; a packet that lacks a part is only a warning. */
const isComplaint = (line) => /\[(?:error|fatal)\]|corrupt (?:input packet|decoded frame)|Packet corrupt/.test(line);

/** What ffmpeg, its encoders and its muxers say of themselves, or say again. */
const isOther = (line) => /^\[(?:error|warning|fatal)\]|\[(?:null|Parsed_|out#|auto_)/.test(line);

/** Printed when the beginning was looked at: what was said before comes again. */
const begins = 'Stream mapping:';

/**
 * Notes what is said before each picture or sample that is shown: complaints are in order with one thread. `format` says
 * whether the file may have begun in the middle of something, as recordings of a broadcast do: that is no damage.
 */
function reader({ format, start, onPlace }) {
  let [rest, isReading, said, last] = ['', false, [], undefined];
  const flush = (seconds) => {
    const isBeginning = last === undefined && hasNoIndex(format);
    if (said.length > 0 && !isBeginning) onPlace({ seconds, says: said[0] });
    [said, last] = [[], seconds];
  };
  const take = (line) => {
    if (line.includes(begins)) isReading = true;
    if (!isReading) return;
    const [, shown] = /Parsed_a?showinfo.* pts_time:\s*(-?[\d.]+)/.exec(line) ?? [];
    if (shown !== undefined) flush(Math.max(0, start + Number(shown)));
    else if (isComplaint(line) && !isOther(line)) said.push(plain(line).slice(0, 200));
  };
  return {
    words(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) take(line);
    },
    end: () => (take(rest), flush(last ?? start)),
  };
}

/** Reads one kind of stream of a file again to know where it is damaged: [{ stream, seconds, says }]. */
async function placesOf({ path, format, start = 0, length }, stream) {
  const places = [];
  const enough = new AbortController();
  const from = Math.max(0, start - wayBackSeconds);
  const onPlace = (place) => {
    if (place.seconds < start - 0.001) return;
    places.push({ stream, ...place, seconds: Math.round(place.seconds * 1_000) / 1_000 });
    if (places.length >= maxPlaces) enough.abort();
  };
  const notes = reader({ format, start: from, onPlace });
  const end = length ? ['-t', (start - from + length).toFixed(6)] : [];
  const seek = [...(from > 0 ? ['-ss', from.toFixed(6)] : []), ...end];
  const show = stream === 'video' ? ['-map', '0:V:0', '-vf', 'showinfo'] : ['-map', '0:a', '-af', 'ashowinfo'];
  const args = ['-threads', '1', ...seek, ...input(path), ...show, '-f', 'null', '-'];
  const options = { doing: 'looking for damage', level: 'info', onWords: notes.words, signal: enough.signal };
  // That it ends badly is no news of a file that is broken.
  await ffmpeg(args, options).catch((error) => error);
  notes.end();
  return places;
}

const tell = ({ stream, seconds, says }) => `at ${seconds} s (${stream}): ${says}`;

/** Undefined of what is whole. */
export function summary(places, missing) {
  if (places.length === 0) return undefined;
  const seconds = places.map((place) => place.seconds);
  return {
    errors: places.length,
    firstSeconds: Math.min(...seconds),
    lastSeconds: Math.max(...seconds),
    places: places.slice(0, maxTold),
    ...missing,
  };
}

/** Of parts of a film, which tell it in the film's time: undefined if all of them are whole. */
export function joined(parts) {
  const damaged = parts.filter(Boolean);
  if (damaged.length === 0) return undefined;
  const firstSeconds = Math.min(...damaged.map((part) => part.firstSeconds));
  return {
    errors: damaged.reduce((sum, { errors }) => sum + errors, 0),
    firstSeconds,
    lastSeconds: Math.max(...damaged.map(({ lastSeconds }) => lastSeconds)),
    places: damaged.flatMap(({ places }) => places).slice(0, maxTold),
  };
}

/** Where the streams of files are damaged, in the order of time. */
export async function locate(sources, streams = ['video', 'audio']) {
  const found = [];
  for (const { name, facts, ...source } of sources)
    for (const stream of streams)
      if (facts[stream].length > 0)
        found.push(
          ...(await placesOf({ format: facts.format, ...source }, stream)).map((place) => ({
            ...place,
            ...(name && { source: name }),
          })),
        );
  return found.toSorted((a, b) => a.seconds - b.seconds);
}

/**
 * Runs `work`, and looks at what its decoders complained of. Only then are the `sources` read again, which tells where
 * they are damaged, and whether they are: a seek may make a decoder complain of a file that is whole.
 * `onDamage`: `fail` throws, `tolerate` and `tell` add `damage` to the result. `work` gets `salvage`, which lets a check
 * pass that fails for what is missing of a damaged source, if that is to be tolerated.
 */
export async function watched({ sources, streams, onDamage = 'tell' }, work) {
  const tolerates = onDamage === 'tolerate';
  const missing = {};
  let [isSuspicious, located] = [false, undefined];
  const hear = (words) => (isSuspicious ||= isComplaint(words));
  const find = () => (located ??= isSuspicious ? locate(sources, streams) : Promise.resolve([]));
  const salvage = async (check) => {
    try {
      await check();
    } catch (error) {
      if (!tolerates || !error.missing || (await find()).length === 0) throw error;
      Object.assign(missing, error.missing);
    }
  };
  const result = await overhear({ hear, goesOn: tolerates }, () => work(salvage));
  const places = await find();
  if (places.length === 0) return result;
  if (onDamage === 'fail') {
    const more = places.length > 1 ? `, and at ${places.length - 1} more places up to ${places.at(-1).seconds} s` : '';
    throw new MediaError(
      'Media.InvalidInput',
      `the source is damaged ${tell(places[0])}${more}; with "onDamage": "tolerate" what can be read is used`,
    );
  }
  return { ...result, damage: summary(places, missing) };
}
