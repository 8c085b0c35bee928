import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { factsOf } from './media-file.mjs';

/** Which outputs there must be, by what the source holds. */
const wantedOutputs = (source) => [...(source.video ? ['video', 'thumbnail'] : []), ...(source.audio ? ['audio'] : [])];

const rules = {
  video: (made, source) => [
    [made.video?.codec === 'h264', 'its video is not H.264'],
    [made.video?.height <= 360, 'it is higher than 360'],
    [!source.audio || made.audio?.codec === 'aac', 'its sound is not AAC'],
    [isAsLong(made, source), `it lasts ${made.seconds} s, the source ${source.seconds} s`],
  ],
  thumbnail: (made) => [[made.video?.codec === 'mjpeg' && made.video.width > 0, 'it is not a JPEG picture']],
  audio: (made, source) => [
    [made.audio?.codec === 'aac' && !made.video, 'it is not sound alone, as AAC'],
    [source.video || isAsLong(made, source), `it lasts ${made.seconds} s, the source ${source.seconds} s`],
  ],
};

function isAsLong(made, source) {
  if (source.seconds === undefined) return made.seconds > 0;
  return Math.abs(made.seconds - source.seconds) <= Math.max(1, source.seconds * 0.02);
}

async function check({ s3, ffprobe, dir, source }, name, object) {
  if (!object) throw new Error(`The execution made no ${name}`);
  const path = join(dir, name);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key }));
  await pipeline(Body, createWriteStream(path));
  const made = await factsOf(ffprobe, path);
  const [problem] = rules[name](made, source).filter(([holds]) => !holds);
  if (problem) throw new Error(`${object.key} is not as it should be: ${problem[1]}`);
  return { name, object, ...made };
}

/** Downloads what the execution made and looks at it with ffprobe: an error unless all is there and right. */
export async function checkOutputs(tools, results) {
  const checked = [];
  for (const name of wantedOutputs(tools.source)) checked.push(await check(tools, name, results?.[name]?.object));
  return checked;
}

const size = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export function table(outputs) {
  const rows = outputs.map(({ name, object, seconds, size: bytes, video, audio }) => [
    `${object.bucket}/${object.key}`,
    name === 'thumbnail' || seconds === undefined ? '–' : `${seconds.toFixed(2)} s`,
    size(bytes),
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
