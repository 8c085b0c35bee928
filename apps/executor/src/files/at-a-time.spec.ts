import { describe, expect, it } from '@jest/globals';
import { atATime } from './at-a-time.js';

describe('work of which only so much is done at a time', () => {
  it('is begun in its order, as soon as there is room, though some of it fails', async () => {
    const begun: number[] = [];
    const end: (() => void)[] = [];
    const inTurn = atATime(2);
    const all = [0, 1, 2, 3, 4].map((item) =>
      inTurn(async () => {
        begun.push(item);
        await new Promise<void>((done, fail) => (end[item] = item === 1 ? () => fail(new Error('broken')) : done));
        return item;
      }),
    );
    const settled = Promise.allSettled(all);
    for (const [ends, expected] of [
      [1, [0, 1, 2]],
      [0, [0, 1, 2, 3]],
      [2, [0, 1, 2, 3, 4]],
    ] as const) {
      end[ends]?.();
      await new Promise(setImmediate);
      expect(begun).toEqual(expected);
    }
    end[3]?.();
    end[4]?.();
    expect((await settled).map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true, true]);
  });
});
