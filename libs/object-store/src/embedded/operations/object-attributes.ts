import { xmlReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import { header } from '../http/text.js';
import type { XmlValue } from '../http/xml.js';
import type { ObjectVersion } from '../storage/object-version.js';
import { findVersion } from './find-version.js';
import { checksumElements } from './object-headers.js';
import type { Operation } from './operation.js';

const ATTRIBUTES: Record<string, (version: ObjectVersion) => XmlValue> = {
  ETag: ({ etag }) => etag,
  Checksum: (version) => (version.checksum ? checksumElements(version) : undefined),
  ObjectParts: ({ uploadId, segments }) => (uploadId ? { TotalPartsCount: segments.length } : undefined),
  StorageClass: () => 'STANDARD',
  ObjectSize: ({ size }) => size,
};

export const getObjectAttributes: Operation = (storage, request) => {
  const version = findVersion(storage, request);
  const names = (header(request.headers, 'x-amz-object-attributes') ?? '').split(',').map((name) => name.trim());
  const asked = Object.entries(ATTRIBUTES).filter(([name]) => names.includes(name));
  if (asked.length === 0) throw new S3Error('InvalidArgument', 'x-amz-object-attributes names no attribute.');
  const content = Object.fromEntries(asked.map(([name, read]) => [name, read(version)]));
  const reply = xmlReply('GetObjectAttributesResponse', content);
  const headers = {
    'last-modified': new Date(version.lastModified).toUTCString(),
    'x-amz-version-id': version.versionId,
  };
  return { ...reply, headers: { ...reply.headers, ...headers } };
};
