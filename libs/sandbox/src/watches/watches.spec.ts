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

  it('tells when the folder has grown beyond its limit, and only then', async () => {
    const content = new DiskWatch(dir, 10_000_000);
    const alarmed = new DiskWatch(dir, 500_000);
    expect(await alarmed.full).toBe('disk');
    expect(await Promise.race([content.full, sleep(300, 'content')])).toBe('content');
    content.close();
  });
});
