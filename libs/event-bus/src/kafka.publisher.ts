import { type Kafka, type Message as KafkaMessage, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import type { NewMessage, Position } from './event-bus.js';
import { bytesOf, MAX_MESSAGE_BYTES } from './publishable.js';

/** Length fields and the like of one message within a batch. */
const ENVELOPE_BYTES = 100;

/** Publishes, and knows afterwards where each message stands. Connects with the first message. */
export class KafkaPublisher {
  private producer: Promise<Producer> | undefined;
  /** The partition of a message, chosen once: a retry of kafkajs must not send it to another one. */
  private readonly partitions = new WeakMap<KafkaMessage, number>();

  constructor(private readonly kafka: Kafka) {}

  async publish(topic: string, messages: readonly NewMessage[]): Promise<Position[]> {
    const positions: Position[] = [];
    for (const part of partsOf(messages)) positions.push(...(await this.send(topic, part)));
    return positions;
  }

  async close(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    // What failed to connect has nothing to close.
    await producer?.then((connected) => connected.disconnect()).catch(() => {});
  }

  private async send(topic: string, part: readonly NewMessage[]): Promise<Position[]> {
    const messages = part.map(toKafka);
    try {
      const producer = await this.connected();
      return this.positionsOf(messages, await producer.send({ topic, messages, acks: -1 }));
    } catch (error) {
      // An idempotent producer that lost a batch refuses all that follow; the next one begins anew.
      await this.close();
      throw error;
    }
  }

  private connected(): Promise<Producer> {
    this.producer ??= this.connect();
    return this.producer;
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      // Its own retries write no message twice.
      idempotent: true,
      allowAutoTopicCreation: true,
      createPartitioner: () => {
        const choose = Partitioners.DefaultPartitioner();
        return (args) => {
          const partition = this.partitions.get(args.message) ?? choose(args);
          this.partitions.set(args.message, partition);
          return partition;
        };
      },
    });
    await producer.connect();
    return producer;
  }

  /** Kafka tells the first offset of each partition; the messages follow there in the order they were given. */
  private positionsOf(messages: readonly KafkaMessage[], records: readonly RecordMetadata[]): Position[] {
    const next = new Map(records.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? -1)]));
    return messages.map((message) => {
      const partition = this.partitions.get(message) ?? 0;
      const offset = next.get(partition) ?? -1n;
      next.set(partition, offset + 1n);
      return { partition, offset: String(offset) };
    });
  }
}

const toKafka = ({ key, value, isTombstone, headers }: NewMessage): KafkaMessage => ({
  key: key ?? null,
  value: isTombstone ? null : value,
  headers: { ...headers },
});

/** A broker limits what is sent to one partition at once, so a long list goes in parts. */
function partsOf(messages: readonly NewMessage[]): NewMessage[][] {
  const parts: NewMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = bytesOf(message) + ENVELOPE_BYTES;
    if (bytes > room) {
      parts.push([]);
      room = MAX_MESSAGE_BYTES + ENVELOPE_BYTES;
    }
    parts.at(-1)?.push(message);
    room -= bytes;
  }
  return parts;
}
