import { describe, expect, it } from '@jest/globals';
import { Batches } from './batches.js';

const tick = () => new Promise((done) => setImmediate(() => setImmediate(done)));

/** Batches whose ends the test decides on. */
function controlled(options: { lanes: number; limit: number }) {
  const started: string[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const batches = new Batches<string, string>({
    ...options,
    keyOf: (item) => item.split(':')[0] ?? '',
    run: async (items) => {
      started.push([...items]);
      await new Promise<void>((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
      return items.map((item) => item.toUpperCase());
    },
  });
  return { batches, started, ends };
}

describe('batches', () => {
  it('take what arrives together as one, and give each its result', async () => {
    const { batches, started, ends } = controlled({ lanes: 1, limit: 10 });
    const results = Promise.all([batches.add('a'), batches.add('b')]);
    await tick();
    ends[0]?.();
    expect(await results).toEqual(['A', 'B']);
    expect(started).toEqual([['a', 'b']]);
  });

  it('grow while the lanes are taken, up to their limit', async () => {
    const { batches, started, ends } = controlled({ lanes: 1, limit: 2 });
    const results = ['a', 'b', 'c', 'd'].map((item) => batches.add(item));
    await tick();
    expect(started).toEqual([['a', 'b']]);
    ends[0]?.();
    await tick();
    expect(started).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    ends[1]?.();
    await Promise.all(results);
  });

  it('share what waits between the lanes that are free, and leave what is of one key together', async () => {
    const { batches, started, ends } = controlled({ lanes: 2, limit: 100 });
    const items = [
      ...Array.from({ length: 10 }, (_, n) => `one:${n}`),
      ...Array.from({ length: 10 }, (_, n) => `${n}`),
    ];
    const results = Promise.all(items.map((item) => batches.add(item)));
    await tick();
    expect(started).toEqual([items.slice(0, 10), items.slice(10)]);
    for (const end of ends) end();
    await results;
  });

  it('keep items of one key out of two lanes', async () => {
    const { batches, started, ends } = controlled({ lanes: 2, limit: 10 });
    const first = batches.add('a:1');
    await tick();
    const second = batches.add('a:2');
    const other = batches.add('b:1');
    await tick();
    expect(started).toEqual([['a:1'], ['b:1']]);
    ends[0]?.();
    await first;
    await tick();
    expect(started[2]).toEqual(['a:2']);
    ends[1]?.();
    ends[2]?.();
    await Promise.all([second, other]);
  });

  it('are tried again each by itself when they fail, so that only the one at fault is refused', async () => {
    const batches = new Batches<string, string>({
      lanes: 1,
      limit: 10,
      keyOf: (item) => item,
      run: async (items) => {
        if (items.includes('bad')) throw new Error('bad is bad');
        return [...items];
      },
    });
    const results = await Promise.allSettled(['good', 'bad', 'fine'].map((item) => batches.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
