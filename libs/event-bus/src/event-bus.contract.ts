import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidTopicName, MessageTooLarge } from './event-bus.errors.js';
import { describeMoves } from './moves.contract.js';
import { type BusUnderTest, freshTopic, Gate, Reader, text, until } from './reader.contract.js';

export * from './reader.contract.js';

/** What every adapter promises. Each adapter's spec calls this once. */
export function describeEventBus(name: string, start: () => Promise<BusUnderTest>): void {
  describe(name, () => {
    let under: BusUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.stop());

    describePublishing(() => under);
    describePlaces(() => under);
    describeMoves(() => under);
    describeRejection(() => under);
  });
}

function describePublishing(under: () => BusUnderTest): void {
  it('delivers what was published, whole and in order, and says where each message stands', async () => {
    const topic = freshTopic();
    const value = Buffer.from([0, 255, 10, 0]);
    const published = await under().bus.publish(topic, [
      { key: 'k', value, headers: { trace: 'a b', empty: '' } },
      text('second'),
    ]);
    const reader = await Reader.open(under().bus, { topic });
    await reader.received(2);
    const [first, second] = reader.messages;
    expect(first).toMatchObject({ topic, key: 'k', value, headers: { trace: 'a b', empty: '' } });
    expect(first?.publishedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(second).toMatchObject({ value: Buffer.from('second'), headers: {} });
    expect(reader.messages.map(({ partition, offset }) => ({ partition, offset }))).toEqual(published);
    expect(Number(second?.offset) - Number(first?.offset)).toBe(1);
    await reader.close();
  });

  it('accepts messages without a key, and no messages at all', async () => {
    const topic = freshTopic();
    expect(await under().bus.publish(topic, [])).toEqual([]);
    await under().bus.publish(topic, [{ value: Buffer.from('no key') }]);
    const reader = await Reader.open(under().bus, { topic });
    expect(await reader.received(1)).toEqual(['no key']);
    expect(reader.messages[0]?.key).toBeUndefined();
    await reader.close();
  });

  it('carries more in one publish than fits into one message', async () => {
    const topic = freshTopic();
    const messages = ['a', 'b', 'c', 'd'].map((letter) => text(letter.repeat(600_000)));
    const published = await under().bus.publish(topic, messages);
    expect(published.map(({ offset }) => Number(offset))).toEqual([0, 1, 2, 3]);
    const reader = await Reader.open(under().bus, { topic });
    expect((await reader.received(4)).map((value) => value[0])).toEqual(['a', 'b', 'c', 'd']);
    await reader.close();
  });

  it('tells a message without a value from one with an empty one', async () => {
    const topic = freshTopic();
    const value = Buffer.alloc(0);
    await under().bus.publish(topic, [
      { key: 'k', value },
      { key: 'k', value, isTombstone: true },
    ]);
    const reader = await Reader.open(under().bus, { topic });
    await reader.received(2);
    expect(reader.messages.map((message) => [message.value.length, message.isTombstone])).toEqual([
      [0, undefined],
      [0, true],
    ]);
    await reader.close();
  });

  it('refuses a bad topic name and a message that is too large', async () => {
    const { bus } = under();
    await expect(bus.publish('no spaces', [text('x')])).rejects.toThrow(InvalidTopicName);
    await expect(bus.subscribe({ topic: '..', group: 'g', from: 'latest' }, async () => {})).rejects.toThrow(
      InvalidTopicName,
    );
    await expect(bus.publish(freshTopic(), [text('x'.repeat(1_000_001))])).rejects.toThrow(MessageTooLarge);
  });
}

function describePlaces(under: () => BusUnderTest): void {
  it('begins at the first message from earliest, and after the last one from latest', async () => {
    const topic = freshTopic();
    await under().bus.publish(topic, [text('old')]);
    const all = await Reader.open(under().bus, { topic, group: 'all' });
    const fresh = await Reader.open(under().bus, { topic, group: 'fresh', from: 'latest' });
    await under().bus.publish(topic, [text('new')]);
    expect(await fresh.received(1)).toEqual(['new']);
    expect(await all.received(2)).toEqual(['old', 'new']);
    await Promise.all([all.close(), fresh.close()]);
  });

  it('may be subscribed to before the first message', async () => {
    const topic = freshTopic();
    const reader = await Reader.open(under().bus, { topic, from: 'latest' });
    await under().bus.publish(topic, [text('first')]);
    expect(await reader.received(1)).toEqual(['first']);
    await reader.close();
  });

  it('gives every group all messages', async () => {
    const topic = freshTopic();
    const readers = await Promise.all(['one', 'two'].map((group) => Reader.open(under().bus, { topic, group })));
    await under().bus.publish(topic, [text('1'), text('2')]);
    for (const reader of readers) expect(await reader.received(2)).toEqual(['1', '2']);
    await Promise.all(readers.map((reader) => reader.close()));
  });

  it('keeps the place of a group while nobody reads, even if it has not read anything yet', async () => {
    const topic = freshTopic();
    await (await Reader.open(under().bus, { topic, from: 'latest' })).close();
    await under().bus.publish(topic, [text('1')]);
    const second = await Reader.open(under().bus, { topic, from: 'latest' });
    expect(await second.received(1)).toEqual(['1']);
    await second.close();
    await under().bus.publish(topic, [text('2')]);
    const third = await Reader.open(under().other, { topic, from: 'earliest' });
    expect(await third.received(1)).toEqual(['2']);
    await third.close();
  });

  it('begins anew for a group that was forgotten', async () => {
    const topic = freshTopic();
    await under().bus.publish(topic, [text('1')]);
    const first = await Reader.open(under().bus, { topic });
    await first.received(1);
    await first.close();
    await under().bus.forget({ topic, group: 'group' });
    const second = await Reader.open(under().bus, { topic });
    expect(await second.received(1)).toEqual(['1']);
    await second.close();
  });

  it('shares the messages among the members of a group', async () => {
    const topic = freshTopic();
    const readers = await Promise.all([under().bus, under().other].map((bus) => Reader.open(bus, { topic })));
    const sent = Array.from({ length: 300 }, (_, index) => String(index));
    await under().bus.publish(
      topic,
      sent.map((value) => text(value, value)),
    );
    await until(() => readers.flatMap(({ values }) => values).length >= sent.length);
    await Promise.all(readers.map((reader) => reader.close()));
    expect(readers.flatMap(({ values }) => values).toSorted()).toEqual(sent.toSorted());
  });
}

function describeRejection(under: () => BusUnderTest): void {
  it('delivers a rejected batch again, before anything that came later with the same key', async () => {
    const topic = freshTopic();
    await under().bus.publish(topic, [text('1')]);
    let [rejections, accepting] = [0, false];
    const reader = await Reader.open(under().bus, { topic }, async () => {
      if (accepting) return;
      rejections += 1;
      throw new Error('not now');
    });
    await until(() => rejections === 1);
    await under().bus.publish(topic, [text('2')]);
    await until(() => rejections === 2);
    accepting = true;
    expect(await reader.received(2)).toEqual(['1', '2']);
    await reader.close();
  });

  it('does not hold up other topics while one is rejected', async () => {
    const [bad, good] = [freshTopic(), freshTopic()];
    await under().bus.publish(bad, [text('poison')]);
    let rejections = 0;
    const stuck = await Reader.open(under().bus, { topic: bad }, async () => {
      rejections += 1;
      throw new Error('never');
    });
    await until(() => rejections > 0);
    const reader = await Reader.open(under().bus, { topic: good });
    await under().bus.publish(good, [text('fine')]);
    expect(await reader.received(1)).toEqual(['fine']);
    await Promise.all([stuck.close(), reader.close()]);
    expect(stuck.values).toEqual([]);
  });

  it('waits for the batch in hand when it is closed', async () => {
    const topic = freshTopic();
    const gate = new Gate();
    let inHand = false;
    const reader = await Reader.open(under().bus, { topic }, async () => {
      inHand = true;
      await gate.opened;
    });
    await under().bus.publish(topic, [text('1')]);
    await until(() => inHand);
    const closed = reader.close();
    gate.open();
    await closed;
    expect(reader.values).toEqual(['1']);
  });
}
