import { type CloudEvent, cloudEvent } from './cloud-event.js';
import { isStorable, type Json } from './json.js';
import { HOPS_HEADER, PATH_HEADER, withLineage } from './lineage.js';

export const TOPIC_MESSAGE = 'spool.topic.message';

/** A message of the event bus, in the shape of its port. */
export interface TopicMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key?: string;
  readonly isKeyBinary?: boolean;
  readonly value: Uint8Array;
  readonly isTombstone?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly publishedAt: Date;
}

export type TopicEventData = {
  topic: string;
  partition: number;
  offset: string;
  /** In base64, if it is no text: then `keyIsBase64` says so. */
  key: string | null;
  keyIsBase64?: true;
  /** JSON if the bytes parse as JSON, else their text; null if they are no text that JSON can hold. */
  value: Json;
  /** There was no value: what the key stood for is gone. */
  isTombstone?: true;
  /** The bytes, when `value` cannot say them. */
  valueBase64?: string;
  headers: { [name: string]: string };
  publishedAt: string;
};

/** What values are taken for: `auto` is JSON if it parses, else text, else bytes. */
export type ValueFormat = 'auto' | 'json' | 'text' | 'binary';

export interface TopicEventOptions {
  readonly format?: ValueFormat | undefined;
  /** How often the reader has been put to another place: what it reads again is another event. */
  readonly generation?: number | undefined;
}

const TOMBSTONE = { value: null, isTombstone: true } as const;

/** Never fails: every message becomes an event, whatever its bytes are. */
export function topicEvent(
  message: TopicMessage,
  { format = 'auto', generation = 0 }: TopicEventOptions = {},
): CloudEvent<TopicEventData> {
  const { topic, partition, offset, key, isKeyBinary, headers = {} } = message;
  const publishedAt = message.publishedAt.toISOString();
  const event = cloudEvent({
    id: [`${partition}-${offset}`, ...variantOf(format, generation)].join('/'),
    source: `/topics/${topic}`,
    type: TOPIC_MESSAGE,
    ...(key && { subject: storableText(key) }),
    time: publishedAt,
    data: {
      topic,
      partition,
      offset,
      key: key === undefined ? null : storableText(key),
      ...(isKeyBinary && { keyIsBase64: true as const }),
      ...(message.isTombstone ? TOMBSTONE : valueOf(message.value, format)),
      headers: Object.fromEntries(Object.entries(headers).map((pair) => pair.map(storableText))),
      publishedAt,
    },
  });
  const hops = Number(headers[HOPS_HEADER]);
  return Number.isInteger(hops) && hops > 0
    ? withLineage(event, { hops, path: storableText(headers[PATH_HEADER] ?? '') })
    : event;
}

/** The same message read in another way is another event: the two have other contents. */
const variantOf = (format: ValueFormat, generation: number): string[] => [
  ...(format === 'auto' || format === 'json' ? [] : [format]),
  ...(generation === 0 ? [] : [`again/${generation}`]),
];

/** `json` differs from `auto` only in what becomes of a value that is none; see `isJson`. */
function valueOf(bytes: Uint8Array, format: ValueFormat): Pick<TopicEventData, 'value' | 'valueBase64'> {
  const text = format === 'binary' ? undefined : textOf(bytes);
  const value = text === undefined || format === 'text' ? text : jsonOf(text);
  return value !== undefined && isStorable(value) ? { value } : { value: null, valueBase64: base64(bytes) };
}

/** Whether the bytes are JSON that can be stored. */
export function isJson(bytes: Uint8Array): boolean {
  try {
    return isStorable(JSON.parse(textOf(bytes) ?? '') as Json);
  } catch {
    return false;
  }
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
