import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';

/** A test runs ffmpeg several times, each a second on a free machine. */
jest.setTimeout(240_000);

const root = resolve(__dirname, '../../..');
export const clip = join(root, 'functions/media/examples/pedestrians.mp4');
const dir = mkdtempSync(join(tmpdir(), 'spool-media-'));
export const at = (name: string) => join(dir, name);

interface Stream {
  index: number;
  codec: string;
  width: number;
  height: number;
  rotation: number;
  frames?: number;
  channels: number;
  sampleRate: number;
}
export interface Facts {
  kind: string;
  format: string;
  duration: number;
  size: number;
  hasVideo: boolean;
  hasAudio: boolean;
  video: Stream[];
  audio: Stream[];
  attachedPictures: number;
  tags: Record<string, string>;
  timeSeconds?: number;
}
export interface Outcome<Result = Facts> {
  result?: Result;
  error?: string;
  cause?: string;
  percents: number[];
}

export let tools: { ffmpeg: string; ffprobe: string };
export const objects = { source: 's3://media-in/source', destination: { bucket: 'media-out', key: 'made' } };

/** Runs a function as it is deployed: its package alone, in a process of its own. */
export function run<Result = Facts>(
  name: string,
  event: unknown,
  files: Record<string, string>,
  env: Record<string, string> = {},
) {
  const pairs = Object.entries(files).map(([file, path]) => `${file}=${path}`);
  const child = spawn(
    process.execPath,
    [join(root, 'functions/media/testing/run-local.mjs'), `media/${name}`, ...pairs],
    {
      env: { PATH: process.env['PATH'], TMPDIR: dir, FFMPEG_PATH: tools.ffmpeg, FFPROBE_PATH: tools.ffprobe, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  child.stdin.end(JSON.stringify(event));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise<Outcome<Result>>((tell) => {
    child.once('close', () => {
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Outcome<Result> & { progress?: { percent: number } });
      tell({
        ...(lines.at(-1) as Outcome<Result>),
        percents: lines.flatMap(({ progress }) => progress?.percent ?? []),
      });
    });
  });
}

export const [toFile, toFolder] = [
  { bucket: 'media-out', key: 'made' },
  { bucket: 'media-out', prefix: 'made' },
];

/** A function with one source and perhaps one output, at `at('made')`. */
export const call = <Result = Facts>(
  name: string,
  path: string,
  event: object = {},
  files: Record<string, string> = {},
) => run<Result>(name, { source: objects.source, ...event }, { source: path, ...files });

export const probe = (path: string) => run('probe', { source: objects.source }, { source: path });
export const transcode = (path: string, event: object = {}, env = {}) =>
  run('transcode', { ...objects, ...event }, { source: path, video: at('made') }, env);
export const thumbnail = (path: string, event: object = {}) =>
  run('thumbnail', { ...objects, ...event }, { source: path, image: at('made') });
export const extract = (path: string, event: object = {}) =>
  run('extract-audio', { ...objects, ...event }, { source: path, audio: at('made') });

export function make(...args: string[]): string {
  const { status, stderr } = spawnSync(tools.ffmpeg, ['-v', 'error', '-nostdin', '-y', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return args.at(-1) as string;
}

/** What ffprobe itself says of a file, for comparison with what a function says. */
export function ffprobe(path: string, entries: string): Record<string, string> {
  const { stdout } = spawnSync(
    tools.ffprobe,
    ['-v', 'error', '-count_frames', '-show_entries', entries, '-of', 'default=nw=1', path],
    { encoding: 'utf8' },
  );
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
}

export const text = (name: string, ...lines: string[]) => {
  writeFileSync(at(name), lines.join('\n'));
  return at(name);
};

/** Both a function that only looks at the file and one that encodes it refuse it. */
export const refused = async (path: string, name = 'Media.InvalidInput') => {
  for (const outcome of [await probe(path), await transcode(path)]) expect(outcome).toMatchObject({ error: name });
};

beforeAll(() => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/ffmpeg.mjs'), '--json'], {
    env: { ...process.env, SPOOL_DATA_DIR: dir },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  tools = JSON.parse(stdout) as typeof tools;
}, 480_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));
