import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DiskWatch } from './disk-watch.js';
import { folderBytes } from './folder-bytes.js';
import { StallWatch } from './stall-watch.js';

/** Tells these one after the other, each 60 after the one before, and waits 60 more. */
async function told(...reports: Parameters<StallWatch['progressed']>[0][]): Promise<string> {
  const watch = new StallWatch(100);
  let state = 'runs';
  void watch.stalled.then((how) => (state = how));
  for (const report of reports) {
    await jest.advanceTimersByTimeAsync(60);
    watch.progressed(report);
  }
  await jest.advanceTimersByTimeAsync(60);
  watch.close();
  await jest.advanceTimersByTimeAsync(1_000);
  return state;
}

describe('a function with a stall time of 100', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([
    ['runs while the percentage grows', [{ percent: 1 }, { percent: 2 }, { percent: 2.5 }], 'runs'],
    ['has stalled when it tells the same again and again', [{ percent: 1 }, { percent: 1 }, { percent: 1 }], 'stalled'],
    ['has stalled when it goes back and forth', [{ percent: 9 }, { percent: 5 }, { percent: 8 }], 'stalled'],
    [
      'has stalled when only its words change beside a percentage',
      [{ percent: 1 }, { percent: 1, message: 'still' }, { message: 'at it' }],
      'stalled',
    ],
    [
      'runs while its messages change, if it tells no percentage',
      [{ message: 'a' }, { message: 'b' }, { message: 'c' }],
      'runs',
    ],
    ['has stalled when its messages are the same', [{ message: 'a' }, { message: 'a' }, { message: 'a' }], 'stalled'],
  ])('%s', async (_, reports, expected) => {
    expect(await told(...reports)).toBe(expected);
  });

  it('has stalled when it never tells anything', async () => {
    const watch = new StallWatch(100);
    await jest.advanceTimersByTimeAsync(101);
    expect(await watch.stalled).toBe('stalled');
  });
});

describe('the disk watch', () => {
  const dir = mkdtempSync(join(tmpdir(), 'spool-watch-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('counts what a folder takes, below it too, and not the holes', async () => {
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    writeFileSync(join(dir, 'a/b/file'), Buffer.alloc(1_000_000, 1));
    expect(await folderBytes(dir)).toBeGreaterThanOrEqual(1_000_000);
    expect(await folderBytes(dir)).toBeLessThan(1_100_000);
    expect(await folderBytes(join(dir, 'gone'))).toBe(0);
  });

  it('counts files whose name is no text, and each that is empty as one with a byte', async () => {
    const odd = Buffer.from(`${dir}/d\xff`, 'latin1');
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from('/\x80', 'latin1')]), Buffer.alloc(1_000_000, 1));
    expect(await folderBytes(dir)).toBeGreaterThanOrEqual(2_000_000);
    mkdirSync(join(dir, 'empty'));
    for (let i = 0; i < 300; i++) writeFileSync(join(dir, `empty/${i}`), '');
    expect(await folderBytes(join(dir, 'empty'))).toBe(300 * 4_096);
    expect(await folderBytes(dir)).toBeGreaterThanOrEqual(3_200_000);
  });

  it.each([
    [
      'deeper than a path can name',
      'n=$(printf "%0200d" 0); for i in $(seq 40); do mkdir $n && cd -P $n || exit 1; done',
    ],
    ['that were deleted and are held open', 'exec 3>gone; rm gone; head -c 2000000 /dev/zero >&3'],
    [
      'that were deleted and are only mapped',
      `exec python3 -c 'import mmap, os, sys
f = open("gone", "wb+"); f.truncate(2000000); m = mmap.mmap(f.fileno(), 0); os.unlink("gone"); f.close()
m[:] = b"x" * 2000000; print("up", flush=True); sys.stdin.read()'`,
    ],
  ])('tells of files %s', async (_, script) => {
    const place = mkdtempSync(join(dir, 'hidden-'));
    const child = spawn('sh', ['-c', `${script}; echo up; read x`], { cwd: place, stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const watch = new DiskWatch(place, 500_000, () => [child.pid ?? 0]);
    expect(await watch.full).toBe('disk');
    child.stdin.end();
    await once(child, 'exit');
    spawnSync('rm', ['-rf', place]);
  });

  it('tells when the folder has grown beyond its limit, and only then', async () => {
    const content = new DiskWatch(dir, 10_000_000);
    const alarmed = new DiskWatch(dir, 500_000);
    expect(await alarmed.full).toBe('disk');
    expect(await Promise.race([content.full, sleep(300, 'content')])).toBe('content');
    content.close();
  });
});
