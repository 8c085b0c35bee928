import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toShow } from './lib/encode.mjs';
import { MediaError } from './lib/errors.mjs';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { mediaFunction } from './lib/function.mjs';
import { readJpeg } from './lib/pictures.mjs';

const maxTiles = 1_000;
/** Prints a line for each tile: a sheet does not tell how many are on it. */
const noted = 'metadata=mode=add:key=tile:value=1,metadata=mode=print:file=-';
const even = (length) => Math.max(2, 2 * Math.round(length / 2));

function planOf({ wanted, facts, seconds }) {
  const { columns, rows, tileWidth } = wanted;
  const [{ width, height }] = facts.video;
  const interval = wanted.intervalSeconds ?? Math.max(1, Math.ceil(seconds / 100));
  const tiles = Math.max(1, Math.ceil((seconds - 0.001) / interval));
  if (tiles > maxTiles)
    throw new MediaError('Media.ResourceLimit', `${tiles} tiles, more than ${maxTiles}: raise intervalSeconds`);
  const tile = { width: even(tileWidth), height: even((tileWidth * height) / width) };
  return { interval, tiles, tile, columns, rows, sheets: Math.ceil(tiles / (columns * rows)) };
}

const stamp = (seconds) => new Date(Math.round(seconds * 1_000)).toISOString().slice(11, 23);
const sheetName = (index) => `sprite-${String(index + 1).padStart(3, '0')}.jpg`;

/** Which part of which sheet shows which time; players read it as a track of thumbnails. */
function webVtt({ interval, tiles, tile, columns, rows }, seconds) {
  const cues = Array.from({ length: tiles }, (_, index) => {
    const [place, sheet] = [index % (columns * rows), Math.floor(index / (columns * rows))];
    const [x, y] = [(place % columns) * tile.width, Math.floor(place / columns) * tile.height];
    const span = `${stamp(index * interval)} --> ${stamp(Math.min((index + 1) * interval, seconds))}`;
    return `${span}\n${sheetName(sheet)}#xywh=${x},${y},${tile.width},${tile.height}\n`;
  });
  return `WEBVTT\n\n${cues.join('\n')}`;
}

/** The filters fps=…:round=near and round=down take a frame in the middle or at the end of the interval. */
function draw({ source, wanted, facts, report }, { interval, tile, columns, rows, sheets }, dir) {
  const shown = toShow(facts.video[0])
    .map((each) => `${each},`)
    .join('');
  const filter = `fps=1/${interval}:round=up:start_time=0,${shown}scale=${tile.width}:${tile.height},setsar=1,format=yuvj420p,${noted},tile=${columns}x${rows}`;
  const jpeg = ['-c:v', 'mjpeg', '-q:v', String(Math.round(31 - (wanted.quality / 100) * 29))];
  const end = ['-frames:v', String(sheets), '-map_metadata', '-1', '-f', 'image2', `file:${join(dir, 'sprite-%03d')}`];
  const args = [...input(source), '-map', '0:V:0', '-vf', filter, ...jpeg, ...end];
  return ffmpeg(args, { doing: 'drawing the sprites', onSeconds: report });
}

/** ffmpeg takes a file's ending for its format, so the sheets get theirs after they were looked at. */
async function check(dir, { tile, tiles, columns, rows, sheets }, drawn) {
  if (drawn < tiles - 1)
    throw new MediaError('Media.TruncatedInput', `the source promises ${tiles} tiles, but has pictures for ${drawn}`);
  const files = await readdir(dir);
  if (files.length !== sheets) throw new MediaError('Media.BadOutput', `${files.length} sheets instead of ${sheets}`);
  const [width, height] = [tile.width * columns, tile.height * rows];
  for (const file of files) {
    const made = await readJpeg(join(dir, file));
    if (made?.width !== width || made.height !== height)
      throw new MediaError('Media.BadOutput', `${file} is not ${width}x${height}`);
    await rename(join(dir, file), join(dir, `${file}.jpg`));
  }
}

export const handler = mediaFunction(import.meta.url, { needs: 'video', streams: ['video'] }, async (job) => {
  const { wanted, seconds, output } = job;
  const plan = planOf(job);
  const dir = output('sprites');
  await mkdir(dir, { recursive: true });
  const { stdout } = await draw(job, plan, dir);
  await check(dir, plan, stdout.match(/^frame:/gm)?.length ?? 0);
  await writeFile(join(dir, 'sprites.vtt'), webVtt(plan, seconds));
  const { interval: intervalSeconds, tiles, sheets, tile } = plan;
  const images = Array.from({ length: sheets }, (_, index) => sheetName(index));
  return { folder: wanted.destination, vtt: 'sprites.vtt', images, intervalSeconds, tiles, sheets, tile };
});
