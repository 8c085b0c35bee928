import { readFile, stat } from 'node:fs/promises';
import { MediaError } from './errors.mjs';
import { ffmpeg, ffprobe, guard, input } from './ffmpeg.mjs';

const muxers = {
  vtt: ['-c:s', 'webvtt', '-f', 'webvtt'],
  srt: ['-c:s', 'subrip', '-f', 'srt'],
  ass: ['-c:s', 'ass', '-f', 'ass'],
};
const maxBytes = 16 * 1_024 * 1_024;

async function countCues(path, format) {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new MediaError('Media.BadOutput', 'no subtitles were written');
  });
  return text.match(format === 'ass' ? /^Dialogue:/gm : /-->/g)?.length ?? 0;
}

/** MP4 fills the time between two subtitles with empty ones, which hold nothing but their length of two bytes. */
async function countSaid(path, stream) {
  const entries = ['-select_streams', `s:${stream}`, '-show_entries', 'packet=size:stream=codec_name'];
  const { answer } = await ffprobe([...guard, ...entries, `file:${path}`], 'counting the subtitles');
  const least = answer.streams[0]?.codec_name === 'mov_text' ? 3 : 1;
  return answer.packets.filter(({ size }) => Number(size) >= least).length;
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
  const said = encoding ? cues : await countSaid(source, stream);
  if (cues < said) throw new MediaError('Media.BadOutput', `${cues} of ${said} subtitles were written`);
  return cues;
}

const textual = ['subrip', 'srt', 'ass', 'ssa', 'webvtt', 'mov_text', 'text'];

/** Pictures of text (DVD, Blu-ray, DVB) cannot become text. */
export function checkTextual({ codec }) {
  if (!textual.includes(codec))
    throw new MediaError('Media.Unsupported', `${codec} subtitles are pictures, which cannot be made text`);
}
