import type { IncomingMessage } from 'node:http';
import { type Query, decodeText, encodePath, encodeText } from '../http/query.js';

export interface Signable {
  readonly method: string;
  readonly path: string;
  readonly query: Query;
  readonly headers: IncomingMessage['headersDistinct'];
}

/** The text that both sides sign: AWS Signature Version 4, "Create a canonical request", with S3's single encoding. */
export function canonicalRequest(request: Signable, signedHeaders: readonly string[], payloadHash: string): string {
  return [
    request.method,
    encodePath(decodeText(request.path)) || '/',
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name])}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

const canonicalValue = (values: readonly string[] = []): string =>
  values.map((value) => value.trim().replaceAll(/ +/g, ' ')).join(',');

const canonicalQuery = (query: Query): string =>
  query.pairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeText(name), encodeText(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
