import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { Position, Start } from './event-bus.js';
import { type BusUnderTest, freshTopic, Reader, text, until } from './reader.contract.js';

/** Where groups are, and how they are put elsewhere. */
export function describeMoves(under: () => BusUnderTest): void {
  const placesOf = async (topic: string) => {
    const places = await under().bus.places({ topic, group: 'group' });
    const used = places.filter(({ end }) => end !== '0');
    return used.map(({ offset, end }) => ({ offset, end }));
  };

  it('begins at the first message that is not older than a time', async () => {
    const topic = freshTopic();
    await under().bus.publish(topic, [text('old')]);
    await sleep(20);
    const from = new Date();
    await under().bus.publish(topic, [text('1'), text('2')]);
    const reader = await Reader.open(under().bus, { topic, from });
    expect(await reader.received(2)).toEqual(['1', '2']);
    await reader.close();
    const late = await Reader.open(under().bus, { topic, group: 'late', from: new Date(Date.now() + 60_000) });
    await under().bus.publish(topic, [text('3')]);
    expect(await late.received(1)).toEqual(['3']);
    await late.close();
  });

  it('tells how far a group has read, and where the topic ends', async () => {
    const topic = freshTopic();
    expect(await placesOf(topic)).toEqual([]);
    await under().bus.publish(topic, [text('1'), text('2')]);
    expect(await placesOf(topic)).toEqual([{ offset: undefined, end: '2' }]);
    const reader = await Reader.open(under().bus, { topic });
    await reader.received(2);
    await reader.close();
    await under().bus.publish(topic, [text('3')]);
    expect(await placesOf(topic)).toEqual([{ offset: '2', end: '3' }]);
  });

  it('puts a group that nobody reads in to an end, a time or an offset', async () => {
    const topic = freshTopic();
    const reading = { topic, group: 'group' };
    const [first] = await under().bus.publish(topic, [text('1')]);
    await sleep(20);
    const between = new Date();
    const [, third] = await under().bus.publish(topic, [text('2'), text('3')]);
    const { partition } = first!;
    const readsOn = async (to: Start | Position[]) => {
      await under().bus.move(reading, to);
      const [place] = (await under().bus.places(reading)).filter((one) => one.partition === partition);
      return place?.offset;
    };
    await (await Reader.open(under().bus, { topic, from: 'latest' })).close();
    expect(await readsOn('earliest')).toBe('0');
    expect(await readsOn(between)).toBe('1');
    expect(await readsOn([{ partition, offset: third!.offset }])).toBe('2');
    const reader = await Reader.open(under().bus, { topic });
    expect(await reader.received(1)).toEqual(['3']);
    await reader.close();
    expect(await readsOn('latest')).toBe('3');
  });

  it('leaves messages in the topic while who handles them is not ready', async () => {
    const topic = freshTopic();
    let [isReady, asked] = [false, 0];
    const reader = await Reader.open(under().bus, {
      topic,
      isReady: async () => {
        asked += 1;
        return isReady;
      },
    });
    await under().bus.publish(topic, [text('1')]);
    await until(() => asked > 1);
    expect(reader.values).toEqual([]);
    isReady = true;
    expect(await reader.received(1)).toEqual(['1']);
    await reader.close();
  });
}
