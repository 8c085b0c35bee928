import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { factsOf } from './media-file.mjs';

const wholeFilm = (made, source) => [
  [made.video?.codec === 'h264', 'its video is not H.264'],
  [!source.audio || made.audio?.codec === 'aac', 'its sound is not AAC'],
  [isAsLong(made, source), `it lasts ${made.seconds} s, the source ${source.seconds} s`],
];
const picture = (made) => [[made.video?.width > 0 && !made.audio, 'it is not a picture']];
const sound = (made, source) => [
  [made.audio && !made.video, 'it is not sound alone'],
  [isAsLong(made, source), `it lasts ${made.seconds} s, the source ${source.seconds} s`],
];
const inFolder = ({ bucket, prefix }, file) => ({ bucket, key: `${prefix}/${file}` });

/** What there must be, by what the source holds: [object, what must hold of it]. A stream is played as players do. */
function wantedOutputs(source, { results }) {
  if (!source.video)
    return [
      ...['mp3', 'm4a', 'opus'].map((format) => [results[format].object, sound]),
      [results.waveform.image, picture],
    ];
  const { stream, sprites, thumbnail, renditions } = results;
  return [
    [inFolder(stream.folder, stream.hls), wholeFilm],
    ...renditions.map((object) => [object, (made) => wholeFilm(made, { seconds: source.seconds })]),
    [thumbnail.object, picture],
    [inFolder(sprites.folder, 'sprite-001.jpg'), picture],
  ];
}

function isAsLong(made, source) {
  if (source.seconds === undefined) return made.seconds > 0;
  return Math.abs(made.seconds - source.seconds) <= Math.max(1, source.seconds * 0.02);
}

async function download(s3, { bucket, key }, path) {
  mkdirSync(dirname(path), { recursive: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  await pipeline(Body, createWriteStream(path));
}

/** A playlist needs what it lists: everything below its folder. */
async function fetch({ s3, dir }, object) {
  const path = join(dir, object.key);
  if (!object.key.endsWith('.m3u8')) await download(s3, object, path);
  else {
    const list = { Bucket: object.bucket, Prefix: `${dirname(object.key)}/` };
    const { Contents = [] } = await s3.send(new ListObjectsV2Command(list));
    for (const { Key: key } of Contents) await download(s3, { bucket: object.bucket, key }, join(dir, key));
  }
  return path;
}

async function check(tools, object, rule) {
  const made = await factsOf(tools.ffprobe, await fetch(tools, object));
  const [problem] = rule(made, tools.source).filter(([holds]) => !holds);
  if (problem) throw new Error(`${object.key} is not as it should be: ${problem[1]}`);
  return { object, ...made, isPicture: rule === picture };
}

/** Downloads what the execution made and looks at it with ffprobe: an error unless all is there and right. */
export async function checkOutputs(tools, output) {
  const checked = [];
  for (const [object, rule] of wantedOutputs(tools.source, output)) checked.push(await check(tools, object, rule));
  return checked;
}

const size = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export function table(outputs) {
  const rows = outputs.map(({ object, isPicture, seconds, size: bytes, video, audio }) => [
    `${object.bucket}/${object.key}`,
    isPicture || seconds === undefined ? '–' : `${seconds.toFixed(2)} s`,
    object.key.endsWith('.m3u8') ? '–' : size(bytes),
    [video?.codec, audio?.codec].filter(Boolean).join(' + '),
    video ? `${video.width}x${video.height}` : '–',
  ]);
  const all = [['object', 'duration', 'size', 'codec', 'resolution'], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('   ')
      .trimEnd(),
  );
}
