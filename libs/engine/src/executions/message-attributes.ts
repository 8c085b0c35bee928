import type { Json } from '@app/workflow';
import { type Parameters, toParameters } from './resource-parameters.js';

/** A message with its key and headers, as the task that publishes it has it. */
interface Addressed {
  readonly 'spool:message': Json;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `MessageGroupId` is the key, and `MessageAttributes` are headers: the parameters of SNS and SQS for the same. */
export function addressed(payload: Json, { MessageGroupId: group, MessageAttributes: attributes }: Parameters): Json {
  const key = typeof group === 'string' && group !== '' ? { key: group } : undefined;
  const headers = headersOf(attributes);
  if (!key && !headers) return payload;
  return { 'spool:message': payload, ...key, ...(headers && { headers }) };
}

/** What `topic:NAME:message` is given, as `addressed` has it; or what is wrong with it. */
export function keyed({
  Value: value,
  Key: key,
  Headers: headers,
  ...others
}: Parameters): { readonly envelope: Json } | { readonly error: string } {
  const [other] = Object.keys(others);
  if (other !== undefined) return { error: `The field '${other}' is not known: there are Key, Headers and Value` };
  if (value === undefined) return { error: "The field 'Value' is required" };
  if (key !== undefined && typeof key !== 'string') return { error: "The field 'Key' must be a text" };
  const given = headers === undefined ? {} : toParameters(headers);
  if (!given || !Object.values(given).every((header) => typeof header === 'string'))
    return { error: "The field 'Headers' must be an object of texts" };
  return { envelope: { 'spool:message': value, ...(key !== undefined && { key }), headers: given } };
}

function headersOf(attributes: Json | undefined): Record<string, string> | undefined {
  const given = attributes === undefined ? undefined : toParameters(attributes);
  if (!given) return undefined;
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, attribute]) => {
      const { StringValue: text, BinaryValue: bytes } = toParameters(attribute) ?? {};
      const value = text ?? bytes;
      return value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
    }),
  );
}

/** What `addressed` made of a message, taken apart; any other payload is the message itself. */
export function partsOfMessage(payload: unknown): {
  readonly message: Json;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
} {
  if (typeof payload !== 'object' || payload === null || !('spool:message' in payload))
    return { message: payload as Json };
  const { 'spool:message': message, key, headers } = payload as unknown as Addressed;
  return { message, ...(key !== undefined && { key }), ...(headers && { headers }) };
}
