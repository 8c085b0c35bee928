import { readFile, stat } from 'node:fs/promises';
import { MediaError } from './errors.mjs';
import { ffmpeg, input } from './ffmpeg.mjs';

const muxers = {
  vtt: ['-c:s', 'webvtt', '-f', 'webvtt'],
  srt: ['-c:s', 'subrip', '-f', 'srt'],
  ass: ['-c:s', 'ass', '-f', 'ass'],
};
const maxBytes = 16 * 1_024 * 1_024;

async function countCues(path, format) {
  const text = await readFile(path, 'utf8');
  return text.match(format === 'ass' ? /^Dialogue:/gm : /-->/g)?.length ?? 0;
}

/** Writes one subtitle stream as text, and gives the number of its cues; none at all is an error. */
export async function writeSubtitles(source, { stream = 0, format, encoding, destination }) {
  const { size } = await stat(source);
  const before = encoding ? ['-sub_charenc', encoding] : [];
  const maps = ['-map', `0:s:${stream}`, '-vn', '-an', '-dn'];
  if (encoding && size > maxBytes) throw new MediaError('Media.ResourceLimit', 'the subtitles are larger than 16 MiB');
  await ffmpeg([...before, ...input(source), ...maps, ...muxers[format], `file:${destination}`], {
    doing: 'writing the subtitles',
  });
  const cues = await countCues(destination, format);
  if (cues === 0) throw new MediaError('Media.InvalidInput', 'no subtitle could be read');
  return cues;
}

const textual = ['subrip', 'srt', 'ass', 'ssa', 'webvtt', 'mov_text', 'text'];

/** Pictures of text (DVD, Blu-ray, DVB) cannot become text. */
export function checkTextual({ codec }) {
  if (!textual.includes(codec))
    throw new MediaError('Media.Unsupported', `${codec} subtitles are pictures, which cannot be made text`);
}
