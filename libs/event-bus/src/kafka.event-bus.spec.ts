import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { eventBusConfig, kafkaConfig } from './event-bus.config.js';
import { EventBusUnavailable, InvalidTopicName } from './event-bus.errors.js';
import { KafkaEventBus } from './kafka.event-bus.js';

/** A port that was free a moment ago. */
async function deadBroker(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

// What needs a broker is in test/real/kafka.event-bus.real.spec.ts.
describe('the Kafka event bus without a broker', () => {
  it('says that it is unavailable, and why', async () => {
    const broker = await deadBroker();
    const bus = new KafkaEventBus(kafkaConfig.parse({ kind: 'kafka', brokers: [broker], retries: 0 }));
    const published = await bus.publish('topic', [{ value: Buffer.from('x') }]).catch((error: unknown) => error);
    expect(published).toBeInstanceOf(EventBusUnavailable);
    expect(published).toMatchObject({
      kind: 'unavailable',
      code: 'event_bus_unavailable',
      message: expect.stringMatching(`failed to publish to topic: .*ECONNREFUSED ${broker}`),
    });
    const subscribed = bus.subscribe({ topic: 'topic', group: 'group', from: 'latest' }, async () => {});
    await expect(subscribed).rejects.toThrow(EventBusUnavailable);
    await bus.beforeApplicationShutdown();
  });

  it('still knows a bad topic name', async () => {
    const bus = new KafkaEventBus(kafkaConfig.parse({ kind: 'kafka', brokers: [await deadBroker()], retries: 0 }));
    await expect(bus.publish('no spaces', [])).rejects.toThrow(InvalidTopicName);
  });
});

describe('the configuration of the event bus', () => {
  it('has defaults for all but the brokers', () => {
    expect(eventBusConfig.parse({ kind: 'postgres' })).toEqual({ kind: 'postgres', pollMs: 2_000 });
    expect(eventBusConfig.parse({ kind: 'kafka', brokers: ['kafka:9092'] })).toEqual({
      kind: 'kafka',
      brokers: ['kafka:9092'],
      clientId: 'spool',
      ssl: false,
      retries: 6,
      sessionSeconds: 10,
    });
  });

  it.each([
    [{ kind: 'kafka', brokers: [] }, 'brokers', 'must name at least one broker'],
    [{ kind: 'kafka', brokers: ['kafka'] }, 'brokers.0', 'must be host:port'],
    [{ kind: 'kafka', brokers: ['kafka:9092,other:9092'] }, 'brokers.0', 'must be host:port'],
    [
      { kind: 'kafka', brokers: ['k:1'], sasl: { mechanism: 'plain', username: 'u' } },
      'sasl.password',
      'expected string',
    ],
  ])('refuses %p', (config, path, message) => {
    const [issue] = eventBusConfig.safeParse(config).error?.issues ?? [];
    expect(issue?.path.join('.')).toBe(path);
    expect(issue?.message).toContain(message);
  });
});
