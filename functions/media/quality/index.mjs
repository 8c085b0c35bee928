import { MediaError } from './lib/errors.mjs';
import { mediaFunction, need } from './lib/function.mjs';
import { fileOf } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';
import { stages } from './lib/progress.mjs';
import { compare, vmaf } from './lib/quality.mjs';

/** Pictures are matched by number: one frame more at an end is let pass, a film of another rate is not. */
function checkFrames(one, other) {
  const [a, b] = [one.video[0].frames, other.video[0].frames];
  if (Math.abs(a - b) > 1)
    throw new MediaError('Media.InvalidInput', `the films have ${a} and ${b} frames: they cannot be compared`);
}

export const handler = mediaFunction(import.meta.url, { needs: 'video' }, async (job) => {
  const { wanted, source, context, seconds, report } = job;
  const reference = fileOf(context.inputs, 'reference', 'reference');
  const [facts, original] = [
    await probe(source, { countPackets: true }),
    await probe(reference, { countPackets: true }),
  ];
  need(original, 'video');
  checkFrames(facts, original);
  const [{ width, height }] = original.video;
  const pair = { distorted: source, reference };
  const stage = stages(report, seconds, wanted.metrics.length);
  const found = {};
  for (const metric of wanted.metrics) {
    const options = { size: { width, height }, frames: facts.video[0].frames, onSeconds: stage() };
    found[metric] = metric === 'vmaf' ? await vmaf(pair, options) : await compare(pair, metric, options);
  }
  return { ...found, frames: original.video[0].frames, width, height };
});
