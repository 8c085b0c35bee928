import { isUtf8 } from 'node:buffer';
import type { KafkaMessage } from 'kafkajs';
import type { Message } from './event-bus.js';

/** A message as it came from a broker, in the words of the port. */
export function fromKafka(topic: string, partition: number, message: KafkaMessage): Message {
  const { key, value, headers, offset, timestamp } = message;
  return {
    topic,
    partition,
    offset,
    ...keyOf(key),
    value: value ?? Buffer.alloc(0),
    ...(value === null && { isTombstone: true }),
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text ?? '')])),
    publishedAt: new Date(Number(timestamp)),
  };
}

/** Keys of other programs may be numbers or Avro: as text, different ones would become one. */
function keyOf(key: Buffer | null): Pick<Message, 'key' | 'isKeyBinary'> {
  if (!key || key.length === 0) return {};
  return isUtf8(key) ? { key: key.toString() } : { key: key.toString('base64'), isKeyBinary: true };
}
