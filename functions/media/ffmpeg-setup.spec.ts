import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';

const script = resolve(__dirname, '../../scripts/ffmpeg.mjs');
const dir = mkdtempSync(join(tmpdir(), 'spool-ffmpeg-'));
const [path, dataDir] = [join(dir, 'path'), join(dir, 'data')];

/** A machine whose PATH has nothing but what the test puts there: no apt-get either. */
function setUp(env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--json'], {
    env: { PATH: path, SPOOL_DATA_DIR: dataDir, ...env },
    encoding: 'utf8',
  });
  return { status, stderr, found: status === 0 ? (JSON.parse(stdout) as Record<string, string>) : undefined };
}

function program(name: string): string {
  const file = join(path, name);
  writeFileSync(file, '#!/bin/sh\necho "ffmpeg version 9.9-test Copyright"\n');
  chmodSync(file, 0o755);
  return file;
}

beforeEach(() => {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  symlinkSync(process.execPath, join(path, 'node'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the set-up of ffmpeg', () => {
  it('takes what npm carries where nothing is installed, and links it for the functions', () => {
    const { found } = setUp();
    expect(found).toMatchObject({ source: 'npm' });
    expect(readlinkSync(join(dataDir, 'bin/ffprobe'))).toBe(found?.['ffprobe']);
  });

  it("takes the system's, and takes its own links away", () => {
    const [ffmpeg, ffprobe] = [program('ffmpeg'), program('ffprobe')];
    expect(setUp().found).toEqual({ ffmpeg, ffprobe, source: 'system', version: '9.9-test' });
    expect(readdirSync(join(dataDir, 'bin'))).toEqual([]);
  });

  it('needs both programs of the system', () => {
    program('ffmpeg');
    expect(setUp().found).toMatchObject({ source: 'npm' });
  });

  it('obeys FFMPEG_PATH and FFPROBE_PATH before all others', () => {
    const [ffmpeg, ffprobe] = [program('my-ffmpeg'), program('my-ffprobe')];
    program('ffmpeg');
    program('ffprobe');
    expect(setUp({ FFMPEG_PATH: ffmpeg, FFPROBE_PATH: ffprobe }).found).toMatchObject({
      source: 'FFMPEG_PATH',
      ffmpeg,
      ffprobe,
    });
    expect(readlinkSync(join(dataDir, 'bin/ffmpeg'))).toBe(ffmpeg);
  });

  it('says what is wrong with them instead of taking another', () => {
    expect(setUp({ FFMPEG_PATH: '/none/ffmpeg', FFPROBE_PATH: '/none/ffprobe' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('/none/ffmpeg'),
    });
    expect(setUp({ FFMPEG_PATH: program('ffmpeg') })).toMatchObject({
      status: 1,
      stderr: 'Set both FFMPEG_PATH and FFPROBE_PATH, or neither\n',
    });
  });
});
