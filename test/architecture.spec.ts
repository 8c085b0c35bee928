import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { migrations } from '../migrations/index.js';

/** Who may import whom. A new arrow here is a decision: it needs an ADR or a good sentence in the commit. */
const ROOMS: Record<string, readonly string[]> = {
  'libs/common': [],
  'libs/workflow': [],
  'libs/events': [],
  'libs/worker-api': [],
  'libs/queue': ['common'],
  'libs/object-store': ['common'],
  'libs/event-bus': ['common'],
  'libs/sandbox': ['common', 'worker-api'],
  'libs/engine': ['common', 'workflow', 'events', 'queue', 'object-store', 'event-bus', 'worker-api'],
  'apps/gateway': ['common', 'workflow', 'events', 'queue', 'object-store', 'event-bus', 'worker-api', 'engine'],
  'apps/trigger-router': ['common', 'events', 'object-store', 'event-bus', 'engine'],
  'apps/executor': ['common', 'sandbox', 'worker-api'],
  'apps/standalone': ['common', 'object-store', 'engine'],
};
const APPS = Object.keys(ROOMS).filter((room) => room.startsWith('apps/'));

/** Rooms where everything is decided and nothing is done, and the packages they may use for it. */
const PURE: Record<string, readonly string[]> = {
  'libs/workflow': ['jsonata', 're2js', '@noble/hashes'],
  'libs/events': ['zod', 'cron-parser', 'ipaddr.js', 're2js'],
  'libs/worker-api': ['zod'],
};

/** Names of the model's things: the common room knows none of them. */
const DOMAIN_NOUNS = /\b(workflow|execution|trigger|invocation|sandbox|executor|bucket)s?\b/i;

const isTest = /\.(spec|contract)\.ts$|(^|\/)(testing|conformance-driver)\b/;
const sources = (room: string): string[] =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !isTest.test(file))
    .map((file) => join(room, file));
const read = (file: string): string => readFileSync(file, 'utf8');
const imports = (file: string): string[] =>
  [...read(file).matchAll(/(?:from|import) '([^']+)'|import\('([^']+)'\)/g)].map((match) => match[1] ?? match[2] ?? '');
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

/** The standalone composes the other apps; the engine applies the migrations. */
function mayReach(room: string, target: string): boolean {
  if (target.startsWith(`${room}/`)) return true;
  if (room === 'apps/standalone') return APPS.some((app) => target.startsWith(`${app}/`));
  return room === 'libs/engine' && target.startsWith('migrations/');
}

describe.each(Object.entries(ROOMS))('%s', (room, allowed) => {
  it('imports only the rooms it may, by their front door', () => {
    const trespasses = sources(room).flatMap((file) =>
      imports(file)
        .filter((name) => (name.startsWith('@app/') ? !allowed.includes(name.slice('@app/'.length)) : false))
        .map((name) => `${file} imports ${name}`),
    );
    expect(trespasses).toEqual([]);
  });

  it('reaches into no other room by a path', () => {
    const trespasses = sources(room).flatMap((file) =>
      imports(file)
        .filter((name) => name.startsWith('.') && !mayReach(room, join(file, '..', name)))
        .map((name) => `${file} imports ${name}`),
    );
    expect(trespasses).toEqual([]);
  });

  it('keeps SQL in repositories', () => {
    const elsewhere = sources(room).filter((file) => !file.endsWith('repository.ts') && read(file).includes('sql`'));
    expect(elsewhere.filter((file) => !file.startsWith('libs/common/'))).toEqual([]);
  });
});

describe.each(Object.entries(PURE))('%s', (room, packages) => {
  it('is pure: no clock, no chance, no input or output', () => {
    const impure = sources(room).filter((file) =>
      /\bDate\.now\(|new Date\(\)|\bMath\.random\b|\bprocess\.|\bsetTimeout\b|\bfetch\(/.test(
        withoutComments(read(file)),
      ),
    );
    expect(impure).toEqual([]);
  });

  it('imports only itself and the packages that help it decide', () => {
    const foreign = sources(room).flatMap((file) =>
      imports(file).filter(
        (name) =>
          !name.startsWith('.') && !packages.some((allowed) => name === allowed || name.startsWith(`${allowed}/`)),
      ),
    );
    expect(foreign).toEqual([]);
  });
});

it('knows no room from the command line: it talks to the API over HTTP only', () => {
  const inside = sources('cli').flatMap((file) => imports(file).filter((name) => /^@app\/|^(\.\.\/){3}/.test(name)));
  expect(inside).toEqual([]);
});

it('names no thing of the model in the common room', () => {
  const named = sources('libs/common').filter((file) => DOMAIN_NOUNS.test(withoutComments(read(file))));
  expect(named).toEqual([]);
});

it('knows every room that there is', () => {
  const rooms = ['libs', 'apps'].flatMap((top) => readdirSync(top).map((name) => `${top}/${name}`));
  expect(rooms.toSorted()).toEqual(Object.keys(ROOMS).toSorted());
});

/** The path that programs are found on, and a switch of the AWS SDK: neither is a setting of ours. */
const READS_ITS_SURROUNDINGS = ['libs/object-store/src/s3/s3-client.ts', 'libs/sandbox/src/runtimes/launch.ts'];

it('has an app file that reads the environment, and nobody else does', () => {
  const readers = Object.keys(ROOMS)
    .flatMap(sources)
    .filter((file) => /\bprocess\.env\b/.test(withoutComments(read(file))))
    .filter((file) => !/^apps\/[^/]+\/src\/(main|start|executor)\.ts$/.test(file));
  expect(readers.toSorted()).toEqual(READS_ITS_SURROUNDINGS);
});

describe('the migrations', () => {
  it('stand in the order of their numbers, each number once, and none is left out', () => {
    const files = readdirSync('migrations').filter((file) => /^\d/.test(file));
    const numbers = migrations.map(({ name }) => Number(/\d{13}$/.exec(name)?.[0]));
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(numbers.map((number) => number % 10_000));
  });
});
