import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventOf, films, inputsFor, names, outputsOf, runMany, type Ended } from './testing/every-function.js';
import { at, tools } from './testing/media-test.js';

jest.setTimeout(600_000);

/** In the place of ffmpeg, first on the PATH: it says yes, and has not done what was asked. */
const lies = {
  'reads less than it should': `
    const short = args.flatMap((arg) => (arg === '-i' ? ['-t', '0.6', arg] : [arg]));
    process.exit(run(short));`,
  'leaves half of its file': `
    const status = run(args);
    const path = args.at(-1).replace('file:', '').replace('%03d', '001');
    if (existsSync(path)) truncateSync(path, statSync(path).size / 2);
    process.exit(status);`,
  'does nothing': '',
};
type Lie = keyof typeof lies;

function liar(lie: Lie): string {
  const dir = at(lie.replaceAll(' ', '-'));
  mkdirSync(dir);
  const program = `#!${process.execPath}
    const { spawnSync } = require('node:child_process');
    const { existsSync, statSync, truncateSync } = require('node:fs');
    const args = process.argv.slice(2);
    const run = (given) => spawnSync(${JSON.stringify(tools.ffmpeg)}, given, { stdio: ['ignore', 1, 2, 3] }).status;
    ${lies[lie]}`;
  writeFileSync(`${dir}/ffmpeg`, program);
  chmodSync(`${dir}/ffmpeg`, 0o755);
  return dir;
}

/** They run no ffmpeg. */
const using = names.filter((name) => !['probe', 'plan'].includes(name));
/** The picture of media.thumbnail is in the part that is read, and subtitles come whole. */
const misled: Record<Lie, string[]> = {
  'reads less than it should': using.filter(
    (name) => !['thumbnail', 'convert-subtitles', 'extract-subtitles'].includes(name),
  ),
  'leaves half of its file': using.filter((name) => outputsOf(name).length > 0),
  'does nothing': using,
};

const told: Partial<Record<Lie, Ended[]>> = {};
beforeAll(async () => {
  const made = films();
  for (const lie of Object.keys(lies) as Lie[]) {
    const calls = misled[lie].map((name) => ({ name, event: eventOf(name), inputs: inputsFor(name, made) }));
    told[lie] = await runMany(calls, { FFMPEG_PATH: '', PATH: `${liar(lie)}:${process.env['PATH']}` });
  }
}, 600_000);

const named = /^Media\.(BadOutput|TruncatedInput|InvalidInput|GateFailed|Failed)$/;

describe.each(Object.keys(lies) as Lie[])('where ffmpeg %s and says that all went well', (lie) => {
  it('every function that uses it fails instead of publishing that', () => {
    const published = told[lie]!.filter(({ error }) => !named.test(error ?? ''));
    expect(published.map(({ index, error, cause }) => [misled[lie][index], error, cause])).toEqual([]);
    expect(told[lie]).toHaveLength(misled[lie].length);
  });
});
