import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  as,
  eventOf,
  films,
  inputsFor,
  inputsOf,
  names,
  runMany,
  type Call,
  type Ended,
} from './testing/every-function.js';
import { canary, inTheMiddle, refusedFiles, strangeFiles } from './testing/hostile-files.js';
import { tools } from './testing/media-test.js';

/** Two minutes on two free cores. */
jest.setTimeout(3_600_000);

/** Whoever connects is noted, and gets nothing. */
let requests = 0;
let requestsOfCalls: number;
let server: Server;
let url: string;
let refused: Record<string, string>;
let strange: Record<string, string>;
let made: ReturnType<typeof films>;

interface Tried extends Call {
  what: string;
}
const tried: { calls: Tried[]; ended: Ended[] } = { calls: [], ended: [] };

/** A file at inputs of all functions, with good ones at their others. */
const calls = (what: string, path: string, fieldsOf: (name: string) => string[]): Tried[] =>
  names.flatMap((name) =>
    fieldsOf(name).map((field) => ({
      what: `${what} as ${field} of media.${name}`,
      name,
      event: eventOf(name),
      inputs: { ...inputsFor(name, made), [field]: as(name, field, path, made.film) },
    })),
  );

/** All inputs are opened by the same guard: at those beside the first, one file of each kind tells whether they are. */
const ofEachKind = [
  'a playlist that names a film of the machine',
  'a list of files here, beside it and of an address',
  'an empty file',
  'bytes that mean nothing',
  'a picture of 225 megapixels',
];
const first = (name: string) => inputsOf(name).slice(0, 1);

beforeAll(async () => {
  server = createServer((socket) => (requests++, socket.end()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  made = films();
  [refused, strange] = [refusedFiles(made.film, url), strangeFiles(made.film)];
  for (const [what, path] of Object.entries(refused))
    tried.calls.push(...calls(what, path, ofEachKind.includes(what) ? inputsOf : first));
  for (const [what, path] of Object.entries(strange)) tried.calls.push(...calls(what, path, first));
  tried.ended = await runMany(tried.calls);
  requestsOfCalls = requests;
});
afterAll(() => server.close());

const outcomes = () => tried.calls.map((call, index) => ({ ...call, ...tried.ended[index]! }));
const told = ({ what, error, cause, result }: ReturnType<typeof outcomes>[number]) => ({ what, error, cause, result });
const named =
  /^Media\.(InvalidInput|Unsupported|ResourceLimit|TruncatedInput|No(Video|Audio|Subtitle)Stream|InvalidParameters|GateFailed)$/;

/** Files of the outputs, and of those that are folders. */
const written = ({ outputs = {} }: Ended) =>
  Object.values(outputs).flatMap((path) => {
    if (!existsSync(path)) return [];
    if (statSync(path).isFile()) return [path];
    const inside = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name));
    return inside.filter((each) => statSync(each).isFile());
  });
/** Segments are nothing without their playlist. */
const canStandAlone = (path: string) => !/(\.(m4s|vtt|mpd)|\/init\.mp4)$/.test(path);
/** They copy pictures as they are, and see damage of the container only. */
const copies = ['merge-chunks', 'package', 'remux'];

describe('hostile and broken files, at every input of every function', () => {
  it('are dangerous: a program without our guards follows them', async () => {
    const local = await unguarded(refused['a playlist that names a film of the machine']!);
    expect(local).toContain('codec_name=h264');
    await unguarded(refused['a playlist that names an address']!);
    expect(requests).toBeGreaterThan(requestsOfCalls);
  });

  it('have each been tried, and each call has ended', () => {
    const others = names.flatMap(inputsOf).length - names.length;
    const files = { ...refused, ...strange };
    expect(Object.keys(files)).toEqual(expect.arrayContaining(ofEachKind));
    expect(tried.calls).toHaveLength(names.length * Object.keys(files).length + others * ofEachKind.length);
    expect(tried.ended.map(({ index }) => index)).toEqual(tried.calls.map((_, index) => index));
  });

  it('that lead elsewhere, are no media or would eat the memory are refused by name', () => {
    const bad = outcomes().slice(0, -names.length * Object.keys(strange).length);
    expect(bad.filter(({ error }) => !named.test(error ?? '')).map(told)).toEqual([]);
  });

  it('that are broken or strange end with a name, or with an output that is whole', () => {
    const odd = outcomes().slice(-names.length * Object.keys(strange).length);
    expect(odd.filter(({ error, result }) => (error ? !named.test(error) : !result)).map(told)).toEqual([]);
    const judged = odd.filter(({ what, name }) => !what.startsWith(inTheMiddle) || !copies.includes(name));
    const broken = judged.filter(
      (each) =>
        !each.error &&
        written(each)
          .filter(canStandAlone)
          .some((path) => !isWhole(path)),
    );
    expect(broken.map(told)).toEqual([]);
  });

  it('bring nothing of other files into results, errors and outputs', () => {
    const leaks = outcomes().filter(
      (each) =>
        JSON.stringify(told(each)).includes(canary) ||
        written(each).some((path) => readFileSync(path).includes(canary)),
    );
    expect(leaks.map(told)).toEqual([]);
  });

  it('make no request to the network', () => expect(requestsOfCalls).toBe(0));
});

/** What ffprobe says of a playlist when it may read what it likes. Not in step: the server is in this process. */
async function unguarded(path: string): Promise<string> {
  const open = '-v error -protocol_whitelist file,http,tcp,crypto,data -allowed_extensions ALL -f hls -show_streams';
  const child = spawn(tools.ffprobe, [...open.split(' '), path], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) said += chunk;
  return said;
}

/** Text is told by its first letter; all else a decoder has to read to its end without a word. */
function isWhole(path: string): boolean {
  const head = readFileSync(path).toString('latin1', 0, 12);
  if (/^(WEBVTT|\[Script|\d|\{)/.test(head)) return true;
  // Debian's ffmpeg cannot read a WebP that moves.
  if (head.startsWith('RIFF') && head.endsWith('WEBP'))
    return statSync(path).size === readFileSync(path).readUInt32LE(4) + 8;
  const all = '-map 0:v? -map 0:a? -map 0:s? -c:s copy -f null -'.split(' ');
  const { status, stderr } = spawnSync(tools.ffmpeg, ['-v', 'error', '-i', path, ...all], { encoding: 'utf8' });
  return status === 0 && stderr === '';
}
