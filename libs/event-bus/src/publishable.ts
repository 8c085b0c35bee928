import type { NewMessage } from './event-bus.js';
import { InvalidTopicName, MessageTooLarge } from './event-bus.errors.js';

/** Kafka's own rule for names; Postgres follows it so that a topic can move there. */
const TOPIC = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

/** What a broker takes with its default settings, less some room for the envelope. */
export const MAX_MESSAGE_BYTES = 1_000_000;

/** Throws for what no bus could publish. */
export function checkPublishable(topic: string, messages: readonly NewMessage[]): void {
  checkTopic(topic);
  for (const [index, message] of messages.entries()) {
    const bytes = bytesOf(message);
    if (bytes > MAX_MESSAGE_BYTES) throw new MessageTooLarge(index, bytes, MAX_MESSAGE_BYTES);
  }
}

export function checkTopic(topic: string): void {
  if (!TOPIC.test(topic)) throw new InvalidTopicName(topic);
}

export function bytesOf({ key = '', value, headers = {} }: NewMessage): number {
  const texts = [key, ...Object.entries(headers).flat()];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), value.length);
}
