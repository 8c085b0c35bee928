import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The facts of a file as ffprobe itself sees them: nothing of Spool is asked. */
export async function factsOf(ffprobe, path) {
  const args = [
    '-v',
    'error',
    '-protocol_whitelist',
    'file',
    '-show_format',
    '-show_streams',
    '-of',
    'json',
    `file:${path}`,
  ];
  const { format, streams = [] } = JSON.parse((await execute(ffprobe, args, { maxBuffer: 64 * 1024 * 1024 })).stdout);
  // A cover picture in a song is not a video.
  const video = streams.find((stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1);
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  const seconds = Number.parseFloat(format.duration);
  return {
    size: Number(format.size),
    seconds: Number.isFinite(seconds) ? seconds : undefined,
    format: format.format_name,
    video: video && { codec: video.codec_name, width: video.width, height: video.height },
    audio: audio && { codec: audio.codec_name },
  };
}

/** A person's own file, or a sentence about what is wrong with it. */
export async function checkMediaFile(ffprobe, path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Error(`There is no file ${path}`);
  if (!stat.isFile()) throw new Error(`${path} is not a file`);
  if (stat.size === 0) throw new Error(`${path} is empty`);
  const facts = await factsOf(ffprobe, path).catch(() => undefined);
  if (!facts || (!facts.video && !facts.audio))
    throw new Error(`${path} is not a media file: ffprobe finds neither video nor audio in it`);
  return facts;
}

const types = {
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/quicktime',
  '.mkv': 'video/x-matroska',
  '.webm': 'video/webm',
  '.avi': 'video/x-msvideo',
  '.ts': 'video/mp2t',
  '.mp3': 'audio/mpeg',
  '.m4a': 'audio/mp4',
  '.flac': 'audio/flac',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
};
export const contentTypeOf = (path) => types[extname(path).toLowerCase()] ?? 'application/octet-stream';
