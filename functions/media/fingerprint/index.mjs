import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { mediaFunction, trackOf } from './lib/function.mjs';

/** Chromaprint, as AcoustID knows it. */
async function fingerprint(source, { lengthSeconds, track = 0 }, format) {
  const parts = [];
  const args = ['-map', `0:a:${track}`, '-vn', '-t', String(lengthSeconds), '-ac', '2', '-ar', '44100'];
  const muxer = ['-f', 'chromaprint', '-algorithm', '1', '-fp_format', format, '-'];
  await ffmpeg([...input(source), ...args, ...muxer], {
    doing: 'fingerprinting',
    onData: (bytes) => parts.push(bytes),
  });
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

export const handler = mediaFunction(import.meta.url, { needs: 'audio' }, async (job) => {
  const { wanted, source, facts, context, seconds } = job;
  trackOf(facts, wanted.track);
  const text = await fingerprint(source, wanted, 'base64');
  const found = { algorithm: 'chromaprint', fingerprint: text.toString('latin1'), duration: seconds };
  if (!context.inputs.compareTo) return found;
  const [own, other] = [
    await fingerprint(source, wanted, 'raw'),
    await fingerprint(context.inputs.compareTo, { lengthSeconds: wanted.lengthSeconds }, 'raw'),
  ];
  return { ...found, similarity: Math.round(similarity(own, other) * 1_000) / 1_000 };
});
