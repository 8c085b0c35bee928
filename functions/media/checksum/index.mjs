import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ffmpeg, input } from './lib/ffmpeg.mjs';
import { fileOf, parametersOf } from './lib/parameters.mjs';
import { probe } from './lib/probe.mjs';
import { percentReporter } from './lib/progress.mjs';
import { checkRead } from './lib/verify.mjs';

async function digestsOf(path, algorithms, onBytes) {
  const hashes = algorithms.map((name) => createHash(name));
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    for (const hash of hashes) hash.update(chunk);
    onBytes((bytes += chunk.length));
  }
  return Object.fromEntries(algorithms.map((name, index) => [name, hashes[index].digest('hex')]));
}

/** SHA-256 of each stream's decoded pictures or samples: equal for the same content in any container. */
async function contentOf(path, onPart) {
  const facts = await probe(path);
  if (facts.video.length + facts.audio.length === 0) return [];
  const { stdout, seconds } = await ffmpeg(
    [...input(path), '-map', '0:v?', '-map', '0:a?', '-f', 'streamhash', '-hash', 'sha256', '-'],
    {
      doing: 'decoding',
      onSeconds: (at) => facts.duration > 0 && onPart(at / facts.duration),
    },
  );
  if (facts.kind !== 'image') checkRead(seconds, facts.duration);
  return stdout
    .trim()
    .split('\n')
    .map((line) => /^(\d+),([va]),SHA256=(.+)$/.exec(line))
    .filter(Boolean)
    .map(([, index, type, sha256]) => ({ index: Number(index), type: type === 'v' ? 'video' : 'audio', sha256 }));
}

/** Of any file, media or not. */
export async function handler(event, context) {
  const wanted = parametersOf(event, import.meta.url);
  const source = fileOf(context.inputs, 'source', 'source');
  const { size } = await stat(source);
  const megabytes = size / 1e6;
  const report = percentReporter(context, megabytes, 'MB');
  // The content takes longer than the file: it has the second half of the percents.
  const half = wanted.content ? 2 : 1;
  const digests = await digestsOf(source, wanted.algorithms, (bytes) => report(bytes / 1e6 / half));
  const onPart = (part) => report(megabytes * (0.5 + Math.min(1, part) / 2));
  const streams = wanted.content ? { streams: await contentOf(source, onPart) } : {};
  report.done();
  return { size, ...digests, ...streams };
}
