import { type CloudEvent, cloudEvent } from './cloud-event.js';
import type { Json } from './json.js';
import { HOPS_HEADER, PATH_HEADER, withLineage } from './lineage.js';

export const TOPIC_MESSAGE = 'spool.topic.message';

/** A message of the event bus, in the shape of its port. */
export interface TopicMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key?: string;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly publishedAt: Date;
}

export type TopicEventData = {
  topic: string;
  partition: number;
  offset: string;
  key: string | null;
  /** JSON if the bytes parse as JSON, else their text; null if they are no text that JSON can hold. */
  value: Json;
  /** The bytes, when `value` cannot say them. */
  valueBase64?: string;
  headers: { [name: string]: string };
  publishedAt: string;
};

/** Never fails: every message becomes an event, whatever its bytes are. */
export function topicEvent(message: TopicMessage): CloudEvent<TopicEventData> {
  const { topic, partition, offset, key, headers = {} } = message;
  const publishedAt = message.publishedAt.toISOString();
  const event = cloudEvent({
    id: `${partition}-${offset}`,
    source: `/topics/${topic}`,
    type: TOPIC_MESSAGE,
    ...(key && { subject: storableText(key) }),
    time: publishedAt,
    data: {
      topic,
      partition,
      offset,
      key: key === undefined ? null : storableText(key),
      ...valueOf(message.value),
      headers: Object.fromEntries(Object.entries(headers).map((pair) => pair.map(storableText))),
      publishedAt,
    },
  });
  const hops = Number(headers[HOPS_HEADER]);
  return Number.isInteger(hops) && hops > 0
    ? withLineage(event, { hops, path: storableText(headers[PATH_HEADER] ?? '') })
    : event;
}

function valueOf(bytes: Uint8Array): Pick<TopicEventData, 'value' | 'valueBase64'> {
  const text = textOf(bytes);
  const value = text === undefined ? undefined : jsonOf(text);
  return value !== undefined && isStorable(value) ? { value } : { value: null, valueBase64: base64(bytes) };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

const NUL_OR_HALF_PAIR = /[\0\p{Surrogate}]/gu;

/** Postgres keeps neither NUL nor half a surrogate pair in its JSON, so such an event could never be stored. */
const storableText = (text: string): string => text.replace(NUL_OR_HALF_PAIR, '\ufffd');

/** JSON.stringify escapes exactly these two, behind an even number of backslashes. */
const isStorable = (value: Json): boolean => !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(JSON.stringify(value));
