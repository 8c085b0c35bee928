import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { mediaFunction, need, trackOf } from './lib/function.mjs';
import { probe } from './lib/probe.mjs';
import { stages } from './lib/progress.mjs';
import { checkRead } from './lib/verify.mjs';

/** Chromaprint, as AcoustID knows it. */
async function fingerprint(source, { lengthSeconds, track = 0, sound, report }, format) {
  const parts = [];
  const args = ['-map', `0:a:${track}`, '-vn', '-t', String(lengthSeconds), '-ac', '2', '-ar', '44100'];
  const muxer = ['-f', 'chromaprint', '-algorithm', '1', '-fp_format', format, '-'];
  const { seconds } = await ffmpeg([...input(source), ...args, ...muxer], {
    doing: 'fingerprinting',
    onData: (bytes) => parts.push(bytes),
    onSeconds: report,
  });
  if (sound.duration !== undefined) checkRead(seconds, Math.min(lengthSeconds, sound.duration));
  const bytes = Buffer.concat(parts);
  if (bytes.length === 0) throw new MediaError('Media.InvalidInput', 'the sound is too short for a fingerprint');
  return bytes;
}

const bits = (word) => {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest &= rest - 1) count += 1;
  return count;
};

const words = (bytes) =>
  new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 4)));

/** The part of equal bits at the best of some shifts: 0.5 is what two strangers have. */
function similarity(one, other) {
  const [a, b] = [words(one), words(other)];
  const atShift = (shift) => {
    const [from, to] = [Math.max(0, shift), Math.min(a.length, b.length + shift)];
    if (to - from < Math.min(a.length, b.length) / 2) return 0;
    let different = 0;
    for (let index = from; index < to; index += 1) different += bits(a[index] ^ b[index - shift]);
    return 1 - different / (32 * (to - from));
  };
  return Math.max(...Array.from({ length: 81 }, (_, index) => atShift(index - 40)));
}

async function soundOf(path) {
  const facts = await probe(path);
  need(facts, 'audio');
  return facts.audio[0];
}

const span = ({ lengthSeconds }) => ({ length: lengthSeconds });

export const handler = mediaFunction(import.meta.url, { needs: 'audio', span }, async (job) => {
  const { wanted, source, facts, context, seconds, report } = job;
  const { lengthSeconds, track } = wanted;
  const own = { lengthSeconds, track, sound: trackOf(facts, track) };
  const other = context.inputs.compareTo && (await soundOf(context.inputs.compareTo));
  const stage = stages(report, Math.min(seconds, lengthSeconds), other ? 3 : 1);
  const text = await fingerprint(source, { ...own, report: stage() }, 'base64');
  const found = { algorithm: 'chromaprint', fingerprint: text.toString('latin1'), duration: seconds };
  if (!other) return found;
  const [one, another] = [
    await fingerprint(source, { ...own, report: stage() }, 'raw'),
    await fingerprint(context.inputs.compareTo, { lengthSeconds, sound: other, report: stage() }, 'raw'),
  ];
  return { ...found, similarity: Math.round(similarity(one, another) * 1_000) / 1_000 };
});
