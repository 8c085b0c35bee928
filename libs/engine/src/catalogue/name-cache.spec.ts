import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Wakeups } from '@app/common';
import { NameCache } from './name-cache.js';

/** Hints that come when a test says so. */
function hints() {
  const told = new EventEmitter();
  const wakeups = {
    on: (topic: string, heard: () => void) => told.on(topic, heard),
    wake: (topic: string) => told.emit(topic),
  };
  return wakeups as unknown as Wakeups;
}

describe('what a name stands for', () => {
  it('is there at once when it is known, asked for again after a hint, and asked for once by many', async () => {
    const cache = new NameCache<number | undefined>(hints(), 'names');
    let asked = 0;
    const find = async () => ++asked;
    expect(await Promise.all([cache.get('a', find), cache.get('a', find)])).toEqual([1, 1]);
    expect(cache.get('a', find)).toBe(1);
    cache.forget();
    expect(await cache.get('a', find)).toBe(2);
  });

  it('is at once nothing, where nothing is known to be', async () => {
    const cache = new NameCache<number | undefined>(hints(), 'names');
    await cache.get('a', async () => undefined);
    expect(cache.get('a', async () => 1)).toBeUndefined();
  });

  it('is asked for again after it could not be told', async () => {
    const cache = new NameCache<number>(hints(), 'names');
    await expect(cache.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.get('a', async () => 1)).toBe(1);
  });
});
