import type { Json } from './json.js';
import type { CloudEvent } from './cloud-event.js';
import type { TopicEventData } from './topic-event.js';

export const TOPIC_BATCH = 'spool.topic.batch';

/**
 * AWS Lambda's event for a Kafka cluster that AWS does not run:
 *
 *   { eventSource, bootstrapServers, records: { 'TOPIC-PARTITION': [ { topic, partition, offset, timestamp,
 *     timestampType, key (base64), value (base64), headers: [ { name: [bytes…] } ] } ] } }
 */
export function lambdaKafkaEvent(messages: readonly TopicEventData[]): Json {
  const records: Record<string, Json[]> = {};
  for (const message of messages) {
    const place = `${message.topic}-${message.partition}`;
    const list = records[place] ?? [];
    list.push(recordOf(message));
    records[place] = list;
  }
  return { eventSource: 'SelfManagedKafka', bootstrapServers: '', records };
}

function recordOf(message: TopicEventData): Json {
  const { topic, partition, offset, key, keyIsBase64, value, valueBase64, isTombstone, headers, publishedAt } = message;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Date.parse(publishedAt),
    timestampType: 'CREATE_TIME',
    key: key === null ? null : keyIsBase64 ? key : base64(key),
    value: isTombstone ? null : (valueBase64 ?? base64(text)),
    headers: Object.entries(headers).map(([name, header]) => ({ [name]: [...new TextEncoder().encode(header)] })),
  };
}

function base64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The messages as the list of a batch has them: each with the id of its event. */
export const batchMessages = (events: readonly CloudEvent<TopicEventData>[]): Json[] =>
  events.map(({ id, data }) => ({ id, ...data }) as unknown as Json);

/**
 * Which messages of a batch have failed, by the output: `{ "batchItemFailures": [{ "itemIdentifier": … }] }` as of AWS
 * Lambda. An identifier is the id of a message, "PARTITION-OFFSET", or an object with `partition` and `offset`. All have
 * failed if the answer names one that is not in the batch, as it cannot be told then what was meant.
 */
export function failedOf(output: unknown, ids: readonly string[]): ReadonlySet<string> {
  const failures = (output as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures;
  if (!Array.isArray(failures)) return new Set();
  const named = failures.map((failure: unknown) => identifierOf(failure));
  const found = named.map((name) => ids.find((id) => name !== undefined && (id === name || id.startsWith(`${name}/`))));
  return new Set(found.every((id) => id !== undefined) ? (found as string[]) : ids);
}

function identifierOf(failure: unknown): string | undefined {
  const identifier = (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
  if (typeof identifier === 'string') return identifier;
  const { partition, offset } = (identifier ?? {}) as { partition?: unknown; offset?: unknown };
  return partition === undefined || offset === undefined ? undefined : `${String(partition)}-${String(offset)}`;
}
