import { S3Error } from '../http/s3-error.js';
import type { S3Request } from '../http/s3-request.js';
import { header } from '../http/text.js';
import type { ObjectAttributes } from '../storage/object-version.js';
import { parseTagging } from './tags.js';

const KEPT_HEADERS = ['cache-control', 'content-disposition', 'content-language', 'expires'];
const METADATA = 'x-amz-meta-';
const MAX_METADATA_BYTES = 2048;
/** Ignoring these would break a promise: of secrecy, or that the object can't be deleted. */
const UNSUPPORTED = ['x-amz-server-side-encryption', 'x-amz-object-lock', 'x-amz-grant'];

type Described = Pick<S3Request, 'headers' | 'query'>;

/** What the request says about the object; a presigned URL may say it in its query. */
export function attributesOf({ headers, query }: Described): ObjectAttributes {
  const said = new Map(query.pairs.map(([name, value]) => [name.toLowerCase(), asHeader(value)]));
  for (const name of Object.keys(headers)) said.set(name, header(headers, name) ?? '');
  for (const name of said.keys()) {
    if (UNSUPPORTED.some((prefix) => name.startsWith(prefix)))
      throw new S3Error('NotImplemented', `${name} is not supported.`);
  }
  return attributesFrom(said);
}

/** Text from a query or a form as it would have come in a header: bytes of UTF-8, one character each. */
export const asHeader = (text: string): string => Buffer.from(text).toString('latin1');

/** All of it is sent back as headers. One that cannot be would make the object unreadable for ever. */
function checkHeader(name: string, value: string): void {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new S3Error('InvalidArgument', `${name} is no name of a header.`);
  // oxlint-disable-next-line no-control-regex
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new S3Error('InvalidArgument', `${name} is no header value.`);
}

export function attributesFrom(said: ReadonlyMap<string, string>): ObjectAttributes {
  const metadata = [...said]
    .filter(([name]) => name.startsWith(METADATA))
    .map(([name, value]) => [name.slice(METADATA.length), value] as const);
  if (metadata.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > MAX_METADATA_BYTES) {
    throw new S3Error('MetadataTooLarge');
  }
  for (const name of ['content-type', 'content-encoding', ...KEPT_HEADERS]) checkHeader(name, said.get(name) ?? '');
  for (const [name, value] of metadata) checkHeader(name, value);
  const encoding = contentEncoding(said.get('content-encoding'));
  return {
    contentType: said.get('content-type') || 'application/octet-stream',
    headers: {
      ...Object.fromEntries(KEPT_HEADERS.flatMap((name) => (said.has(name) ? [[name, said.get(name)!]] : []))),
      ...(encoding === '' ? {} : { 'content-encoding': encoding }),
    },
    metadata: Object.fromEntries(metadata),
    tags: parseTagging(said.get('x-amz-tagging')),
  };
}

/** `aws-chunked` is how the bytes travel, not what they are. */
const contentEncoding = (value = ''): string =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'aws-chunked')
    .join(',');
