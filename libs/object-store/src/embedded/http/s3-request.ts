import type { IncomingHttpHeaders } from 'node:http';
import type { IncomingBody } from '../body/incoming-body.js';
import { MAX_KEY_BYTES } from '../storage/bucket-name.js';
import { Query, decodeText } from './query.js';
import { S3Error } from './s3-error.js';
import { splitOnce } from './text.js';

/** Where a request points to. Path style only: `/bucket/key`; the key is whatever follows, dots and all. */
export interface Target {
  readonly path: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Query;
}

export interface S3Request extends Target {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingBody;
}

export function parseTarget(url: string): Target {
  const [path = '', query = ''] = splitOnce(url.replace(/^https?:\/\/[^/]*/, ''), '?');
  const [bucket = '', key = ''] = splitOnce(decodeText(path).replace(/^\//, ''), '/');
  checkKey(key);
  return { path, bucket, key, query: new Query(query) };
}

/** NUL is in no XML that lists keys, and in no text that Postgres keeps: nobody could be told of such an object. */
export function checkNewKey(key: string): void {
  if (key.includes('\0')) throw new S3Error('InvalidArgument', 'A key must not contain NUL.');
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError');
}
