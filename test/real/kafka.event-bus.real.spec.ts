import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GroupIsRead, kafkaConfig } from '@app/event-bus';
import { Kafka, logLevel } from 'kafkajs';
import { describeEventBus, freshTopic, Reader, text, until } from '../../libs/event-bus/src/event-bus.contract.js';
import { KafkaEventBus } from '../../libs/event-bus/src/kafka.event-bus.js';
import { KafkaServer } from './support/kafka-server.js';

const busOf = ({ broker }: KafkaServer) =>
  new KafkaEventBus(kafkaConfig.parse({ kind: 'kafka', brokers: [broker], sessionSeconds: 6 }));

describeEventBus('the Kafka event bus on Apache Kafka', async () => {
  const server = await KafkaServer.start();
  const [bus, other] = [busOf(server), busOf(server)];
  return {
    bus,
    other,
    async stop() {
      await Promise.all([bus.beforeApplicationShutdown(), other.beforeApplicationShutdown()]);
      await server.stop();
    },
  };
});

describe('the Kafka event bus', () => {
  let server: KafkaServer;
  let bus: KafkaEventBus;
  beforeAll(async () => {
    server = await KafkaServer.start();
    bus = busOf(server);
  });
  afterAll(async () => {
    await bus.beforeApplicationShutdown();
    await server.stop();
  });

  it('loses nothing when the broker is killed and started again', async () => {
    const topic = freshTopic();
    const reader = await Reader.open(bus, { topic });
    const acknowledged: string[] = [];
    const publish = async (value: string) => {
      await bus.publish(topic, [text(value, value)]);
      acknowledged.push(value);
    };
    for (let count = 0; count < 20; count += 1) await publish(`before ${count}`);
    await server.kill();
    // Published while nobody is there: waits for the broker, or is refused and so never acknowledged.
    const meanwhile = publish('meanwhile').catch(() => {});
    await server.launch();
    await meanwhile;
    for (let count = 0; count < 20; count += 1) await publish(`after ${count}`);
    await until(() => acknowledged.every((value) => reader.values.includes(value)));
    expect(acknowledged.length).toBeGreaterThanOrEqual(40);
    await reader.close();
  });

  it('hands the batch of a process that was killed to another one', async () => {
    const topic = freshTopic();
    await bus.publish(topic, [text('1'), text('2')]);
    const script = join(import.meta.dirname, 'support/kafka-reader.mjs');
    const child = spawn(process.execPath, [script, server.broker, topic], { stdio: ['ignore', 'pipe', 'inherit'] });
    let given = '';
    child.stdout.on('data', (data: Buffer) => {
      given += data.toString();
    });
    await until(() => given.includes('given 2'));
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const reader = await Reader.open(bus, { topic });
    expect(await reader.received(2)).toEqual(['1', '2']);
    await reader.close();
  });

  it('goes on with the first message that is left, when others were removed before they were read', async () => {
    const topic = freshTopic();
    await (await Reader.open(bus, { topic, from: 'latest' })).close();
    const [first] = await bus.publish(
      topic,
      ['1', '2', '3'].map((value) => text(value)),
    );
    const admin = new Kafka({ brokers: [server.broker], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic); // Only then does it know the topic.
    const offset = String(Number(first!.offset) + 2);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: first!.partition, offset }] });
    await admin.disconnect();
    const places = await bus.places({ topic, group: 'group' });
    expect(places.find(({ partition }) => partition === first!.partition)).toMatchObject({ offset, end: '3' });
    const reader = await Reader.open(bus, { topic, from: 'latest' });
    expect(await reader.received(1)).toEqual(['3']);
    await reader.close();
  });

  it('moves no group that is read', async () => {
    const topic = freshTopic();
    const reader = await Reader.open(bus, { topic });
    await expect(bus.move({ topic, group: 'group' }, 'latest')).rejects.toThrow(GroupIsRead);
    await reader.close();
  });

  it('goes on with one partition while another is rejected', async () => {
    const topic = freshTopic();
    const keys = Array.from({ length: 12 }, (_, index) => `key ${index}`);
    const places = await bus.publish(
      topic,
      keys.map((key) => text(key, key)),
    );
    const stuck = places[0]?.partition;
    expect(new Set(places.map(({ partition }) => partition)).size).toBe(3);
    let rejecting = true;
    const reader = await Reader.open(bus, { topic }, async ([message]) => {
      if (rejecting && message?.partition === stuck) throw new Error('not this partition');
    });
    const others = places.filter(({ partition }) => partition !== stuck).length;
    await reader.received(others);
    expect(reader.messages.some(({ partition }) => partition === stuck)).toBe(false);
    rejecting = false;
    expect((await reader.received(keys.length)).toSorted()).toEqual(keys.toSorted());
    await reader.close();
  });
});
