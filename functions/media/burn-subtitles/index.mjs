import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filtersFor, fit } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input, keepTimes } from './lib/ffmpeg.mjs';
import { produceFilm } from './lib/film.mjs';
import { mediaFunction } from './lib/function.mjs';
import { fileOf } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';
import { writeSubtitles } from './lib/subtitles.mjs';

/** A letter that no font here has is drawn as a box, and ffmpeg calls that success. */
async function checkFonts(filter, cwd, source) {
  const { stderr } = await ffmpeg([...input(source), '-map', '0:V:0', '-an', '-vf', filter, '-f', 'null', '-'], {
    doing: 'looking for fonts',
    cwd,
  });
  const [missing] =
    /Glyph 0x[0-9A-F]+ not found|failed to find any fallback with glyph 0x[0-9a-f]+/i.exec(stderr) ?? [];
  if (missing)
    throw new MediaError('Media.Unsupported', `no font on this machine has all letters of the subtitles: ${missing}`);
}

export const handler = mediaFunction(import.meta.url, { needs: 'video' }, async (job) => {
  const { wanted, source, facts, context, seconds } = job;
  const [[picture], [sound]] = [facts.video, facts.audio];
  const size = fit(picture, {});
  const cwd = await mkdtemp(join(tmpdir(), 'subtitles-'));
  try {
    const subtitles = fileOf(context.inputs, 'subtitles', 'subtitles');
    // Written anew under a name of ours: nothing of the event or of the file gets into the filter's text.
    if (!wanted.encoding) await probe(subtitles);
    const cues = await writeSubtitles(subtitles, {
      format: 'ass',
      encoding: wanted.encoding,
      destination: join(cwd, 'text.ass'),
    });
    const burn = `subtitles=filename=text.ass:force_style='FontSize=${wanted.fontSize}'`;
    await checkFonts(`scale=64:36,${burn}`, cwd, source);
    const maps = ['-map', '0:V:0', ...(sound ? ['-map', '0:a:0'] : [])];
    const args = [...input(source), ...maps, '-vf', `${filtersFor(picture, { size })},${burn}`, ...keepTimes(picture)];
    const expected = { seconds, size, frames: picture.frames, cwd };
    return { object: wanted.destination, cues, ...(await produceFilm(job, { args, sound, expected })) };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});
