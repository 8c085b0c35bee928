import { describe, expect, it } from '@jest/globals';
import type { MapRunItem, MapRunSpec } from '@app/workflow';
import { ItemFeed } from './item-feed.js';
import { BEGINNING, type Position } from './map-run.js';

interface Source {
  readonly total: number;
  readonly batcher?: MapRunSpec['batcher'];
  readonly at?: Position;
}

const inputsOf = (items: readonly MapRunItem[]) => items.map(({ index, value }) => ({ index, value }));

function feedOf({ total, batcher, at = BEGINNING }: Source) {
  const seen = { read: 0, closed: false };
  async function* source() {
    try {
      for (let value = 0; value < total; value++) {
        seen.read++;
        yield { value };
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, feed: new ItemFeed({ source: source(), batcher, inputsOf }, at) };
}

describe('ItemFeed', () => {
  it('gives each item a child, in their order, until there are no more', async () => {
    const { feed } = feedOf({ total: 3 });
    expect(await feed.take(2)).toEqual([
      { index: 0, input: { index: 0, value: 0 }, items: 1 },
      { index: 1, input: { index: 1, value: 1 }, items: 1 },
    ]);
    expect(feed.position).toEqual({ items: 2, children: 2, atEnd: false });
    expect(await feed.take(2)).toHaveLength(1);
    expect(feed.position).toEqual({ items: 3, children: 3, atEnd: true });
    expect(await feed.take(2)).toEqual([]);
  });

  it('reads no further than it needs for a page', async () => {
    const { feed, seen } = feedOf({ total: 100_000 });
    await feed.take(10);
    expect(seen.read).toBeLessThanOrEqual(100);
    await feed.close();
    expect(seen.closed).toBe(true);
  });

  it('goes on at a position as if it had never stopped', async () => {
    const batcher = { maxItemsPerBatch: 3 };
    const whole = await feedOf({ total: 10, batcher }).feed.take(100);
    const first = feedOf({ total: 10, batcher }).feed;
    const begun = await first.take(2);
    expect(first.position).toEqual({ items: 6, children: 2, atEnd: false });
    const { feed } = feedOf({ total: 10, batcher, at: first.position });
    expect([...begun, ...(await feed.take(100))]).toEqual(whole);
    expect(whole.map(({ items }) => items)).toEqual([3, 3, 3, 1]);
    expect(feed.position).toEqual({ items: 10, children: 4, atEnd: true });
  });

  it('is at the end at once when there is nothing', async () => {
    const { feed } = feedOf({ total: 0 });
    expect([await feed.take(5), feed.position.atEnd]).toEqual([[], true]);
  });
});
