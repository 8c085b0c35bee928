import { watched } from './damage.mjs';
import { MediaError } from './errors.mjs';
import { fileOf, parametersOf } from './parameters.mjs';
import { probe } from './probe.mjs';
import { percentReporter } from './progress.mjs';
import { checkDuration, expectedSeconds } from './verify.mjs';

const maxSeconds = 86_400;

/** A film without picture or a song without sound is told by name. */
export function need(facts, kind) {
  if (kind === 'video' && !facts.hasVideo) throw new MediaError('Media.NoVideoStream', 'the source has no video');
  if (kind === 'audio' && !facts.hasAudio) throw new MediaError('Media.NoAudioStream', 'the source has no audio');
}

/** The sound track that is asked for, counted from 0. */
export function trackOf(facts, track = 0) {
  need(facts, 'audio');
  const found = facts.audio[track];
  if (!found)
    throw new MediaError('Media.NoAudioStream', `the source has ${facts.audio.length} audio tracks, none is ${track}`);
  return found;
}

/**
 * The frame of a function that works on one source: the event is checked, the source looked at and refused if it is
 * not what is needed (unless the event brings the facts that media.probe told of it before), and progress reaches 100 only when the result is there. `work` gets all that in one object.
 * What its decoders complain of is looked for in `streams`, by default in what it needs, within `span`.
 */
export function mediaFunction(moduleUrl, { needs, streams, span, check = () => {} } = {}, work) {
  return async (event, context) => {
    const wanted = parametersOf(event, moduleUrl);
    check(wanted);
    const source = fileOf(context.inputs, 'source', 'source');
    const facts = wanted.facts ?? (await probe(source));
    checkDuration(facts, wanted.maxDurationSeconds ?? maxSeconds);
    if (needs) need(facts, needs);
    const used = { video: facts.video.slice(0, 1), audio: facts.audio.slice(0, 1) }[needs] ?? [];
    const seconds = used.length > 0 ? expectedSeconds(facts, used) : facts.duration;
    const report = percentReporter(context, seconds);
    const output = (name, field = 'destination') => fileOf(context.outputs, name, field);
    const sources = [{ path: source, facts, ...span?.(wanted, seconds) }];
    const read = streams ?? (needs === 'audio' ? ['audio'] : undefined);
    const reading = { sources, streams: read, onDamage: wanted.onDamage };
    const result = await watched(reading, (salvage) =>
      work({ wanted, source, facts, seconds, report, output, context, salvage }),
    );
    report.done();
    return result;
  };
}
