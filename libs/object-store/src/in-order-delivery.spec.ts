import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { InOrderDelivery } from './in-order-delivery.js';
import { until } from './testing/until.js';

const quick = { firstBackoffMs: 1, maxBackoffMs: 5 };

describe('InOrderDelivery', () => {
  it('keeps what comes before anybody listens', async () => {
    const delivery = new InOrderDelivery<number>();
    delivery.add('a', 1);
    const stop = new AbortController();
    const seen: number[] = [];
    const done = delivery.run(async (item) => void seen.push(item), stop.signal);
    await until(() => seen.length === 1);
    stop.abort();
    await done;
  });

  it('hands the items of a key over in order, one at a time, and those of others beside them', async () => {
    const delivery = new InOrderDelivery<string>();
    const stop = new AbortController();
    const finish = new Map<string, () => void>();
    const done = delivery.run((item) => new Promise((resolve) => finish.set(item, resolve)), stop.signal);
    for (const item of ['a1', 'a2', 'b1']) delivery.add(item[0]!, item);
    await until(() => finish.size === 2);
    expect([...finish.keys()]).toEqual(['a1', 'b1']);
    finish.get('a1')!();
    await until(() => finish.has('a2'));
    stop.abort();
    finish.get('a2')!();
    finish.get('b1')!();
    await done;
  });

  it('has no more in hand than its limit', async () => {
    const delivery = new InOrderDelivery<string>({ limit: 2 });
    const stop = new AbortController();
    const waiting: (() => void)[] = [];
    const done = delivery.run(() => new Promise((resolve) => waiting.push(resolve)), stop.signal);
    for (const key of ['a', 'b', 'c']) delivery.add(key, key);
    await tick();
    expect(waiting).toHaveLength(2);
    waiting.shift()!();
    await until(() => waiting.length === 2);
    stop.abort();
    for (const resolve of waiting) resolve();
    await done;
  });

  it('hands a rejected item over again before the next of its key, and lets no other key wait for it', async () => {
    const delivery = new InOrderDelivery<string>({ ...quick, limit: 1 });
    const stop = new AbortController();
    const seen: string[] = [];
    let failures = 3;
    const done = delivery.run(async (item) => {
      if (item === 'a1' && failures-- > 0) throw new Error('not now');
      seen.push(item);
    }, stop.signal);
    for (const item of ['a1', 'a2', 'b1']) delivery.add(item[0]!, item);
    await until(() => seen.length === 3);
    expect(seen).toEqual(['b1', 'a1', 'a2']);
    stop.abort();
    await done;
  });

  it('ends only when what is in hand is done, and keeps the rest for the next listener', async () => {
    const delivery = new InOrderDelivery<string>();
    const stop = new AbortController();
    const finish: (() => void)[] = [];
    let isDone = false;
    delivery.add('a', 'a1');
    delivery.add('a', 'a2');
    const first = delivery
      .run(() => new Promise((resolve) => finish.push(resolve)), stop.signal)
      .then(() => (isDone = true));
    await tick();
    stop.abort();
    await tick();
    expect(isDone).toBe(false);
    finish[0]!();
    await first;
    const again = new AbortController();
    const seen: string[] = [];
    const second = delivery.run(async (item) => void seen.push(item), again.signal);
    await until(() => seen.length > 0);
    expect(seen).toEqual(['a2']);
    again.abort();
    await second;
  });
});
