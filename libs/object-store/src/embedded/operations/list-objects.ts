import { type Reply, quoted, xmlReply } from '../http/reply.js';
import { encodePath, type Query } from '../http/query.js';
import { S3Error } from '../http/s3-error.js';
import type { XmlValue } from '../http/xml.js';
import { type KeyPage, listKeys } from '../storage/list-keys.js';
import type { ObjectVersion } from '../storage/object-version.js';
import type { Operation } from './operation.js';

const MAX_KEYS = 1000;

/** Version 1 goes on behind `marker`, version 2 behind `start-after` and then behind our token, which is a key too. */
export const listObjects: Operation = ({ buckets }, request) => {
  const { objects } = buckets.get(request.bucket);
  const { query } = request;
  const isV2 = query.get('list-type') === '2';
  const limit = query.count('max-keys', MAX_KEYS);
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const page = listKeys(objects, {
    prefix,
    delimiter,
    limit,
    after: isV2 ? startOfV2(query) : (query.get('marker') ?? ''),
  });
  const encode = encoding(query);
  const common = {
    Name: request.bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    MaxKeys: limit,
    EncodingType: query.get('encoding-type'),
    IsTruncated: page.next !== undefined,
    Contents: page.items.map((version) => contents(version, encode)),
    CommonPrefixes: page.commonPrefixes.map((folder) => ({ Prefix: encode(folder) })),
  };
  return isV2 ? replyV2(common, query, page) : replyV1(common, query, page);
};

type Common = Record<string, XmlValue>;

function replyV1(common: Common, query: Query, { next }: KeyPage<ObjectVersion>): Reply {
  const encode = encoding(query);
  const NextMarker = next === undefined ? undefined : encode(next);
  return xmlReply('ListBucketResult', { ...common, Marker: encode(query.get('marker') ?? ''), NextMarker });
}

function replyV2(common: Common, query: Query, page: KeyPage<ObjectVersion>): Reply {
  const startAfter = query.get('start-after');
  return xmlReply('ListBucketResult', {
    ...common,
    KeyCount: page.items.length + page.commonPrefixes.length,
    ContinuationToken: query.get('continuation-token'),
    NextContinuationToken: page.next === undefined ? undefined : Buffer.from(page.next).toString('base64url'),
    StartAfter: startAfter === undefined ? undefined : encoding(query)(startAfter),
  });
}

function startOfV2(query: Query): string {
  const token = query.get('continuation-token');
  if (token === undefined) return query.get('start-after') ?? '';
  const key = Buffer.from(token, 'base64url').toString();
  if (key === '') throw new S3Error('InvalidArgument', 'The continuation token is not valid.');
  return key;
}

/** Asked for by clients whose XML parsers choke on what keys may contain. */
export function encoding(query: Query): (key: string) => string {
  const type = query.get('encoding-type');
  if (type !== undefined && type !== 'url') throw new S3Error('InvalidArgument', 'encoding-type must be url.');
  return type === 'url' ? encodePath : (key) => key;
}

const contents = ({ key, lastModified, etag, size, checksum }: ObjectVersion, encode: (key: string) => string) => ({
  Key: encode(key),
  LastModified: lastModified,
  ETag: quoted(etag),
  ChecksumAlgorithm: checksum?.algorithm.toUpperCase(),
  Size: size,
  StorageClass: 'STANDARD',
});
