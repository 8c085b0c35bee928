import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaConfig } from '@app/event-bus';
import { freshTopic, Reader, text } from '../../libs/event-bus/src/event-bus.contract.js';
import { KafkaEventBus } from '../../libs/event-bus/src/kafka.event-bus.js';
import { KAFKA_USERS } from './support/kafka-properties.js';
import { KafkaServer } from './support/kafka-server.js';

let server: KafkaServer;
const opened: KafkaEventBus[] = [];
beforeAll(async () => {
  server = await KafkaServer.start();
});
afterAll(async () => {
  await Promise.all(opened.map((bus) => bus.beforeApplicationShutdown()));
  await server?.stop();
});

function connect(settings: object): KafkaEventBus {
  const config = { kind: 'kafka', brokers: [server.secureBroker], retries: 1, ...settings };
  const bus = new KafkaEventBus(kafkaConfig.parse(config));
  opened.push(bus);
  return bus;
}
const trusting = () => ({ ssl: { ca: readFileSync(server.ca, 'utf8') } });

describe('a broker with TLS and SASL', () => {
  it.each([
    ['plain', KAFKA_USERS.plain],
    ['scram-sha-512', KAFKA_USERS.scram],
  ])('is written to and read from with %s', async (mechanism, user) => {
    const bus = connect({ ...trusting(), sasl: { mechanism, ...user } });
    const topic = freshTopic();
    await bus.publish(topic, [text('sent')]);
    const reader = await Reader.open(bus, { topic });
    expect(await reader.received(1)).toEqual(['sent']);
    await reader.close();
  });

  it('is told from one whose certificate nobody knows', async () => {
    const bus = connect({ ssl: true, sasl: { mechanism: 'plain', ...KAFKA_USERS.plain } });
    await expect(bus.publish(freshTopic(), [text('x')])).rejects.toThrow(/certificate/);
  });

  it('refuses a wrong password, which is said', async () => {
    const sasl = { mechanism: 'scram-sha-512', ...KAFKA_USERS.scram, password: 'wrong' };
    const bus = connect({ ...trusting(), sasl });
    await expect(bus.publish(freshTopic(), [text('x')])).rejects.toThrow(/authentication failed/i);
  });
});
