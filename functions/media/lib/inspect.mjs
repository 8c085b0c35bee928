import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lengthOf, notesOf, spansOf } from './analyse.mjs';
import { ffmpeg, input } from './ffmpeg.mjs';
import { checkRead } from './verify.mjs';

const round = (value) => Math.round(value * 1_000) / 1_000;
const fraction = (spans, seconds) => round(lengthOf(spans) / seconds);

/** Filters that note what they find in a file of their own; `found` makes a figure of the notes. */
const looks = {
  black: {
    of: 'video',
    filter: 'scale=320:-2,blackdetect=d=0.1,metadata=mode=print:file=black',
    found: (notes, total) => fraction(spansOf(notes, ['black_start', 'black_end'], { total, minSeconds: 0.1 }), total),
  },
  silence: {
    of: 'audio',
    filter: 'silencedetect=n=-60dB:d=0.5,ametadata=mode=print:file=silence',
    found: (notes, total) => fraction(spansOf(notes, ['silence_start', 'silence_end'], { total }), total),
  },
  loudness: {
    of: 'audio',
    filter: 'ebur128=metadata=1,ametadata=mode=print:key=lavfi.r128.I:file=loudness',
    // -70 is the gate of EBU R128: nothing was louder.
    found: (notes) => {
      const lufs = Number(notes.at(-1)?.['r128.I'] ?? -70);
      return lufs <= -70 ? null : Math.round(lufs * 10) / 10;
    },
  },
};

/** What is missing at the end, in words. */
function shortOf(read, seconds) {
  try {
    return read === undefined ? '' : checkRead(read, seconds);
  } catch ({ message }) {
    return message;
  }
}

/**
 * Reads a file once for all that is wanted of it: { black, silence, loudness }, parts of its length and LUFS, and
 * `errors`, what the decoders of all its streams said.
 */
export async function inspect(source, { wanted, seconds, decodes, onSeconds }) {
  const dir = await mkdtemp(join(tmpdir(), 'inspect-'));
  const chain = (type) =>
    wanted
      .map((name) => looks[name])
      .filter(({ of }) => of === type)
      .map(({ filter }) => filter);
  const [video, audio] = [chain('video'), chain('audio')];
  const maps = decodes
    ? ['-map', '0:V?', '-map', '0:a?']
    : [...(video.length > 0 ? ['-map', '0:V:0'] : []), ...(audio.length > 0 ? ['-map', '0:a:0'] : [])];
  const filters = [
    ...(video.length > 0 ? ['-filter:v:0', video.join(',')] : []),
    ...(audio.length > 0 ? ['-filter:a:0', audio.join(',')] : []),
  ];
  const args = [...input(source), ...maps, ...filters, '-sn', '-dn', '-f', 'null', '-'];
  try {
    const run = ffmpeg(args, { doing: 'reading the file', level: decodes ? 'error' : 'warning', onSeconds, cwd: dir });
    const { stderr, seconds: read } = await (decodes ? run.catch(({ message }) => ({ stderr: message })) : run);
    if (!decodes) checkRead(read, seconds);
    const figures = { errors: [stderr.trim(), decodes && shortOf(read, seconds)].filter(Boolean).join('\n') };
    for (const name of wanted) {
      const notes = notesOf(await readFile(join(dir, name), 'utf8').catch(() => ''));
      figures[name] = looks[name].found(notes, seconds);
    }
    return figures;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
