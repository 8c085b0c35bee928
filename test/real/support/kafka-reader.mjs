// A process of its own that reads a topic, says what it was given, and never finishes with it.
import { kafkaConfig } from '../../../dist/libs/event-bus/src/event-bus.config.js';
import { KafkaEventBus } from '../../../dist/libs/event-bus/src/kafka.event-bus.js';

const [, , broker, topic] = process.argv;
const bus = new KafkaEventBus(kafkaConfig.parse({ kind: 'kafka', brokers: [broker], sessionSeconds: 6 }));
await bus.subscribe({ topic, group: 'group', from: 'earliest' }, async (messages) => {
  for (const { value } of messages) process.stdout.write(`given ${value}\n`);
  await new Promise(() => {});
});
