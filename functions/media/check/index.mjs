import { locate, summary } from './lib/damage.mjs';
import { MediaError, plain } from './lib/errors.mjs';
import { mediaFunction } from './lib/function.mjs';
import { inspect } from './lib/inspect.mjs';
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

/** What has to be read for a rule, of which streams, and whether the figure passes. */
const read = {
  maxBlackFraction: { look: 'black', passes: (actual, limit) => actual <= limit },
  maxSilentFraction: { look: 'silence', passes: (actual, limit) => actual <= limit },
  loudness: {
    look: 'loudness',
    passes: (actual, { lufs, toleranceLu = 0.5 }) => actual !== null && near(actual, lufs, toleranceLu),
  },
};

/** A rule about a stream that is not there has failed; it is no reason to stop. */
const isThere = (name, { hasVideo, hasAudio }) =>
  ['maxBlackFraction', 'minSsim'].includes(name) ? hasVideo : hasAudio;

/** The file is read once for all of them, and not at all for none. */
async function readRules({ source, seconds, facts, report, wanted: { rules } }) {
  const names = Object.keys(read).filter((name) => rules[name] !== undefined);
  const there = names.filter((name) => isThere(name, facts));
  const { decodes } = rules;
  if (there.length === 0 && !decodes) return names.map((name) => absent(name, rules));
  const looks = there.map((name) => read[name].look);
  const found = await inspect(source, { wanted: looks, seconds, decodes, onSeconds: report });
  const checks = names.map((name) => {
    if (!there.includes(name)) return absent(name, rules);
    const actual = found[read[name].look];
    return { rule: name, wanted: rules[name], actual, passed: read[name].passes(actual, rules[name]) };
  });
  return decodes ? [...checks, await decoded(found, { path: source, facts })] : checks;
}

const absent = (name, rules) => ({ rule: name, wanted: rules[name], actual: null, passed: false });

/** And where it does not: `damage` tells the places. */
async function decoded({ errors }, source) {
  if (errors === '') return { rule: 'decodes', wanted: true, actual: true, passed: true };
  const damage = summary(await locate([source]));
  const actual = plain(errors).split('\n').slice(0, 3).join('; ').slice(0, 500);
  return { rule: 'decodes', wanted: true, actual, passed: false, ...(damage && { damage }) };
}

async function ssimRule({ source, context, facts, wanted: { rules } }) {
  if (rules.minSsim === undefined) return [];
  if (!isThere('minSsim', facts)) return [absent('minSsim', rules)];
  const reference = context.inputs.reference;
  const original = await probe(reference);
  const [{ width, height }] = (original.video.length > 0 ? original : facts).video;
  const { average } = await compare({ distorted: source, reference }, 'ssim', { size: { width, height } });
  return [{ rule: 'minSsim', wanted: rules.minSsim, actual: average, passed: average >= rules.minSsim }];
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
  checks.push(...(await readRules(job)), ...(await ssimRule(job)));
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length > 0 && wanted.onFailure === 'fail')
    throw new MediaError(
      'Media.GateFailed',
      `${failed.length} of ${checks.length} checks failed: ${JSON.stringify(failed)}`,
    );
  return { passed: failed.length === 0, checks };
});
