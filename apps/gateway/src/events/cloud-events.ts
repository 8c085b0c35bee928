import { InvalidRequest, isStorable, parse, toIssues } from '@app/common';
import { cloudEventSchema, type ReceivedCloudEvent } from '@app/events';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseJson } from '../shell/body.js';

const MAX_BATCH = 1_000;
const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const OURS = /^spool\./;

const batch = z
  .array(cloudEventSchema)
  .min(1, { error: 'must have at least one event' })
  .max(MAX_BATCH, { error: `must not have more than ${MAX_BATCH} events` });

/** Reads a request of the HTTP binding of CloudEvents 1.0 (section 3): structured, batched or binary. */
export function readCloudEvents({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): ReceivedCloudEvent[] {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (headers['ce-specversion'] !== undefined) return allowed([binary(headers, bytes)], ['headers']);
  if (type === BATCH) return allowed(parse(batch, parseJson(bytes)), []);
  if (type !== STRUCTURED && type !== 'application/json') {
    const message = `must be ${STRUCTURED} or ${BATCH}, or come with the attributes of the event in headers ce-…`;
    throw new InvalidRequest([{ pointer: '/headers/content-type', message }]);
  }
  const json = parseJson(bytes);
  return allowed(Array.isArray(json) ? parse(batch, json) : [parse(cloudEventSchema, json)], []);
}

/** Attributes are headers, percent-encoded where need be; the body is the data, of whatever type. */
function binary(headers: FastifyRequest['headers'], bytes: Buffer): ReceivedCloudEvent {
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice('ce-'.length)] = decoded(String(value), name);
  }
  const type = headers['content-type'];
  const parsed = cloudEventSchema.safeParse({
    ...attributes,
    ...(type && { datacontenttype: type }),
    ...dataOf(bytes, type),
  });
  if (parsed.success) return parsed.data;
  const issues = toIssues(parsed.error.issues).map(({ pointer, message }) => ({
    pointer: pointer.replace(/^\//, '/headers/ce-'),
    message,
  }));
  throw new InvalidRequest(issues);
}

function dataOf(bytes: Buffer, type: string | undefined): object {
  if (bytes.length === 0) return {};
  if (type === undefined || /[/+]json\b/i.test(type)) return { data: parseJson(bytes) };
  const text = bytes.toString('utf8');
  const isText = Buffer.compare(Buffer.from(text), bytes) === 0 && isStorable(text);
  return isText ? { data: text } : { data: null, data_base64: bytes.toString('base64') };
}

function decoded(value: string, name: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new InvalidRequest([{ pointer: `/headers/${name}`, message: 'must be percent-encoded UTF-8' }]);
  }
}

/** Types of our own come from our own sources only: nobody may make an upload up. */
function allowed(events: ReceivedCloudEvent[], place: readonly string[]): ReceivedCloudEvent[] {
  const issues = events.flatMap((event, index) => {
    const at = place.length > 0 ? '/headers/ce-' : events.length > 1 ? `/${index}/` : '/';
    return [
      ...(OURS.test(event.type) ? [{ pointer: `${at}type`, message: 'must not begin with "spool."' }] : []),
      ...(isStorable(event)
        ? []
        : [{ pointer: at.replace(/\/$/, ''), message: 'must not contain NUL or half of a surrogate pair' }]),
    ];
  });
  if (issues.length > 0) throw new InvalidRequest(issues);
  return events;
}
