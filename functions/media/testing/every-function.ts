import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { at, clip, make, text, tools, type Outcome } from './media-test.js';

const root = resolve(__dirname, '..');

/** The functions of the catalogue, by their folders. */
export const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'function.json')));

interface Definition {
  inputs: Record<string, string>;
  outputs?: Record<string, string>;
}
const definition = (name: string) => JSON.parse(readFileSync(join(root, name, 'function.json'), 'utf8')) as Definition;
export const inputsOf = (name: string) => Object.keys(definition(name).inputs);
export const outputsOf = (name: string) => Object.keys(definition(name).outputs ?? {});

const object = { bucket: 'media-in', key: 'object' };
const folder = { bucket: 'media-in', prefix: 'folder' };
const whole = { frames: 20, durationSeconds: 4 };

/** What each function needs of its event to work on the film of `films`, beside its source and its destination. */
const events: Record<string, object> = {
  'burn-subtitles': { subtitles: object },
  check: { reference: object, rules: { hasVideo: true, decodes: true, maxBlackFraction: 1, minSsim: 0.1 } },
  checksum: { content: true },
  concat: { sources: [object, object] },
  'encode-chunk': { chunk: { index: 0, startSeconds: 0, ...whole }, video: { preset: 'ultrafast' } },
  fingerprint: { compareTo: object },
  ladder: { segmentSeconds: 1, maxRungs: 1, preset: 'ultrafast', destination: folder },
  'merge-chunks': { chunks: [{ ...object, ...whole }], audio: object },
  package: {
    renditions: [{ ...object, name: 'v' }],
    audio: [{ ...object, name: 'a' }],
    segmentSeconds: 1,
    destination: folder,
  },
  quality: { reference: object },
  sprites: { intervalSeconds: 1, tileWidth: 32, destination: folder },
  transcode: { video: { preset: 'ultrafast' } },
  trim: { startSeconds: 0.5, endSeconds: 3.5 },
  watermark: { image: object },
  waveform: { json: object, image: object, samplesPerPixel: 100, width: 100, height: 50 },
};

export function eventOf(name: string): object {
  const reads = inputsOf(name).includes('source') ? { source: object } : {};
  const writes = outputsOf(name).length > 0 && name !== 'waveform' ? { destination: object } : {};
  return { ...reads, ...writes, ...events[name] };
}

/** Inputs that are lists, and how many files they have. */
const lists: Record<string, number> = {
  'concat.sources': 2,
  'merge-chunks.chunks': 1,
  'package.renditions': 1,
  'package.audio': 1,
};

export interface Films {
  film: string;
  picture: string;
  subtitles: string;
}

/** Four seconds of film with sound and subtitles: 20 small pictures. */
export function films(): Films {
  const subtitles = text(
    'in.srt',
    '1',
    '00:00:00,200 --> 00:00:00,900',
    'Hello',
    '',
    '2',
    '00:00:01,000 --> 00:00:01,900',
    'World',
    '',
  );
  const small = [
    '-t',
    '4',
    '-vf',
    'scale=64:48,fps=5',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '10',
    '-c:a',
    'aac',
    '-ac',
    '1',
  ];
  const film = make(
    '-ss',
    '5',
    '-i',
    clip,
    '-i',
    subtitles,
    '-map',
    '0',
    '-map',
    '1',
    ...small,
    '-c:s',
    'mov_text',
    at('film.mp4'),
  );
  return { film, subtitles, picture: make('-i', film, '-frames:v', '1', at('picture.png')) };
}

/** The inputs of a call that works. */
export function inputsFor(name: string, { film, picture, subtitles }: Films) {
  const good: Record<string, string> = { image: picture, subtitles };
  return Object.fromEntries(inputsOf(name).map((field) => [field, as(name, field, good[field] ?? film)]));
}

/** A file as the function takes it there: alone, or the last of a list whose others are good. */
export function as(name: string, field: string, path: string, others = path): string | string[] {
  const count = lists[`${name}.${field}`];
  return count === undefined ? path : [...Array.from({ length: count - 1 }, () => others), path];
}

export interface Call {
  name: string;
  event: object;
  inputs: Record<string, string | string[]>;
}
export interface Ended extends Outcome<Record<string, unknown>> {
  index: number;
  outputs?: Record<string, string>;
}

/** Whoever is this late hangs: a machine may be twenty times slower than it should be. */
const limitMs = 300_000;

/** All calls in one process of their own, two at a time; what each has come to, in their order. */
export async function runMany(calls: Call[], env: Record<string, string> = {}): Promise<Ended[]> {
  const child = spawn(process.execPath, [join(__dirname, 'run-many.mjs')], {
    detached: true,
    env: { PATH: process.env['PATH'], TMPDIR: at('.'), FFMPEG_PATH: tools.ffmpeg, FFPROBE_PATH: tools.ffprobe, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(calls.map((call) => ({ ...call, limitMs }))));
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) said += chunk;
  // What was too late may have left a program behind.
  if (said.includes('TooLong')) process.kill(-child.pid!, 'SIGKILL');
  const ended = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Ended);
  return ended.toSorted((a, b) => a.index - b.index);
}
