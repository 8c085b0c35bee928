import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventBus } from '@app/event-bus';
import { createEngine, type TestEngine } from '../../../../test/support/engine.js';
import { type TopicConsumer, topicConsumer, valuesOf } from '../../../../test/support/topic-consumer.js';
import { readingOf } from './reading.js';
import { TopicIntakeService } from './topic-intake.service.js';
import { TopicPlacesService } from './topic-places.service.js';
import { TriggerLetGo } from './topics.errors.js';

let engine: TestEngine;
let consumer: TopicConsumer;
let places: TopicPlacesService;
let bus: EventBus;
let intake: TopicIntakeService;
beforeAll(async () => {
  engine = await createEngine();
  consumer = await topicConsumer(engine);
  places = engine.app.get(TopicPlacesService, { strict: false });
  intake = engine.app.get(TopicIntakeService, { strict: false });
  bus = engine.app.get(EventBus, { strict: false });
});
afterAll(() => engine?.close());

const publish = (...values: string[]) =>
  bus.publish(
    consumer.trigger.source.topic,
    values.map((value) => ({ value: Buffer.from(value) })),
  );
const get = () => places.get('default', consumer.trigger.name);

/** What a router does: reads until nothing is left. */
async function read(): Promise<void> {
  const { generation = 0 } = (await places.list()).get(consumer.trigger.id) ?? {};
  const reading = { ...readingOf(consumer.trigger)!, from: 'earliest' as const };
  const subscription = await bus.subscribe(reading, (messages) => intake.take(consumer.trigger, generation, messages));
  while ((await get()).lag > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await subscription.close();
}

describe('the place of a topic trigger', () => {
  it('tells how far it has read, what waits and what runs', async () => {
    await consumer.create({ batch: { size: 1 }, parallel: 1 });
    await publish('1', '2', '3');
    expect(await get()).toMatchObject({ lag: 3, partitions: [{ partition: 0, end: '3', lag: 3 }], waiting: 0 });
    await read();
    await consumer.run();
    expect(await get()).toMatchObject({ lag: 0, partitions: [{ offset: '3', lag: 0 }], waiting: 2, running: 1 });
    const lag = (await places.listLags()).find(({ trigger }) => trigger === consumer.trigger.name);
    expect(lag).toMatchObject({ namespace: 'default', lag: 0, waiting: 2 });
  });

  it('can be moved: what is read again starts something again, once, and what waited is let go', async () => {
    await consumer.forgetAll();
    await consumer.create({ batch: { size: 10 } });
    await publish('1', '2');
    await read();
    await places.reset('default', consumer.trigger.name, [{ partition: 0, offset: '1' }]);
    expect(await get()).toMatchObject({ waiting: 0, resetTo: [{ partition: 0, offset: '1' }] });
    expect(await places.applyReset(consumer.trigger)).toBe(true);
    expect(await places.applyReset(consumer.trigger)).toBe(false);
    expect(await get()).toMatchObject({ lag: 1, resetTo: undefined });
    await read();
    await consumer.run();
    const [call] = await consumer.calls();
    expect(valuesOf(call)).toEqual([2]);
    await places.reset('default', consumer.trigger.name, 'earliest');
    await places.applyReset(consumer.trigger);
    await read();
    await consumer.run();
    expect((await consumer.calls()).map(valuesOf)).toEqual([[1, 2]]);
  });

  it('is not read at from a place before the last reset', async () => {
    await consumer.create({});
    const message = consumer.message('old');
    await places.reset('default', consumer.trigger.name, 'latest');
    await expect(intake.take(consumer.trigger, 0, [message])).rejects.toThrow(TriggerLetGo);
    expect(await engine.events.list('default', { limit: 1 })).not.toMatchObject([{ source: message.topic }]);
  });

  it('is only had by topic triggers', async () => {
    await engine.triggers.create('default', {
      name: 'clock',
      kind: 'schedule',
      source: { cron: '@daily' },
      target: { function: 'consume' },
    } as never);
    await expect(places.get('default', 'clock')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(places.reset('default', 'clock', 'latest')).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
