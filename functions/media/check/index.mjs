import { analyse, lengthOf, spansOf } from './lib/analyse.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { mediaFunction } from './lib/function.mjs';
import { measureLoudness } from './lib/loudness.mjs';
import { invalid } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';
import { compare } from './lib/quality.mjs';

const near = (actual, wanted, tolerance) => Math.abs(actual - wanted) <= tolerance + 1e-9;
const round = (value) => Math.round(value * 1_000) / 1_000;

/** Fields of a stream that must be as said. */
const sameFields = (pointer, stream, wanted = {}) =>
  Object.entries(wanted).map(([name, value]) => ({
    rule: `${pointer}.${name}`,
    wanted: value,
    actual: stream?.[name] ?? null,
    passed: stream?.[name] === value,
  }));

function durationRules({ facts, seconds }, { durationSeconds, toleranceSeconds, minSeconds, maxSeconds }) {
  const [video] = facts.video;
  // Within a frame, unless said otherwise; of sound, within a packet.
  const tolerance = toleranceSeconds ?? (video?.frameRate ? 1 / video.frameRate : 0.05);
  const actual = round(seconds ?? 0);
  return [
    durationSeconds !== undefined && {
      rule: 'durationSeconds',
      wanted: durationSeconds,
      passed: near(actual, durationSeconds, tolerance),
    },
    minSeconds !== undefined && { rule: 'minSeconds', wanted: minSeconds, passed: actual >= minSeconds },
    maxSeconds !== undefined && { rule: 'maxSeconds', wanted: maxSeconds, passed: actual <= maxSeconds },
  ]
    .filter(Boolean)
    .map((rule) => ({ ...rule, actual }));
}

/** Each reads the whole file; only those that are asked for run. */
const readers = {
  async maxBlackFraction({ source, seconds }, limit) {
    const notes = await analyse(
      source,
      { video: 'scale=320:-2,blackdetect=d=0.1,metadata=mode=print:file=-' },
      { doing: 'looking for black' },
    );
    const actual = round(
      lengthOf(spansOf(notes, ['black_start', 'black_end'], { total: seconds, minSeconds: 0.1 })) / seconds,
    );
    return { actual, passed: actual <= limit };
  },
  async maxSilentFraction({ source, seconds }, limit) {
    const notes = await analyse(
      source,
      { audio: 'silencedetect=n=-60dB:d=0.5,ametadata=mode=print:file=-' },
      { doing: 'looking for silence' },
    );
    const actual = round(lengthOf(spansOf(notes, ['silence_start', 'silence_end'], { total: seconds })) / seconds);
    return { actual, passed: actual <= limit };
  },
  async loudness({ source }, { lufs, toleranceLu = 0.5 }) {
    const { integratedLufs: actual } = await measureLoudness(source);
    return { actual, passed: actual !== null && near(actual, lufs, toleranceLu) };
  },
  async minSsim({ source, context, facts }, limit) {
    const reference = context.inputs.reference;
    const original = await probe(reference);
    const [{ width, height }] = (original.video.length > 0 ? original : facts).video;
    const { average } = await compare({ distorted: source, reference }, 'ssim', { size: { width, height } });
    return { actual: average, passed: average >= limit };
  },
  async decodes({ source }) {
    const args = [...input(source), '-map', '0:V?', '-map', '0:a?', '-f', 'null', '-'];
    const { stderr } = await ffmpeg(args, { doing: 'decoding', level: 'error' }).catch(({ message }) => ({
      stderr: message,
    }));
    const said = stderr.trim();
    return { actual: said === '' ? true : said.split('\n').slice(0, 3).join('; ').slice(0, 500), passed: said === '' };
  },
};

/** A rule about a stream that is not there has failed; it is no reason to stop. */
async function read(job, name, wanted) {
  const needsSound = name === 'maxSilentFraction' || name === 'loudness';
  const needsPicture = name === 'maxBlackFraction' || name === 'minSsim';
  if ((needsSound && !job.facts.hasAudio) || (needsPicture && !job.facts.hasVideo))
    return { rule: name, wanted, actual: null, passed: false };
  return { rule: name, wanted, ...(await readers[name](job, wanted)) };
}

function checkParameters({ rules, reference }) {
  if (rules.minSsim !== undefined && !reference)
    throw invalid([{ pointer: '/reference', message: 'is required for /rules/minSsim' }]);
}

export const handler = mediaFunction(import.meta.url, { check: checkParameters }, async (job) => {
  const { wanted, source, facts } = job;
  const { rules } = wanted;
  const counted = rules.video?.frames === undefined ? facts : await probe(source, { countPackets: true });
  const checks = [
    ...durationRules(job, rules),
    ...['hasVideo', 'hasAudio']
      .filter((name) => rules[name] !== undefined)
      .map((name) => ({ rule: name, wanted: rules[name], actual: facts[name], passed: facts[name] === rules[name] })),
    ...sameFields('video', counted.video[0], rules.video),
    ...sameFields('audio', facts.audio[0], rules.audio),
  ];
  for (const name of Object.keys(readers).filter((each) => rules[each] !== undefined && rules[each] !== false))
    checks.push(await read(job, name, rules[name]));
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length > 0 && wanted.onFailure === 'fail')
    throw new MediaError(
      'Media.GateFailed',
      `${failed.length} of ${checks.length} checks failed: ${JSON.stringify(failed)}`,
    );
  return { passed: failed.length === 0, checks };
});
