import { quoted } from '../http/reply.js';
import type { ObjectVersion, StoredBytes } from '../storage/object-version.js';

export type Headers = Record<string, string | number>;

export function objectHeaders(version: ObjectVersion): Headers {
  const metadata = Object.entries(version.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  const tags = Object.keys(version.tags).length;
  return {
    'accept-ranges': 'bytes',
    'content-type': version.contentType,
    'last-modified': new Date(version.lastModified).toUTCString(),
    ...version.headers,
    ...Object.fromEntries(metadata),
    ...(tags > 0 ? { 'x-amz-tagging-count': tags } : {}),
    ...versionHeaders(version),
  };
}

export const versionHeaders = ({ etag, versionId }: ObjectVersion): Headers => ({
  etag: quoted(etag),
  'x-amz-version-id': versionId,
});

export const checksumHeaders = ({ checksum }: Pick<StoredBytes, 'checksum'>): Headers =>
  checksum ? { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': checksum.type } : {};

/** The same in XML: `ChecksumCRC32`, `ChecksumType`. */
export const checksumElements = ({ checksum }: Pick<StoredBytes, 'checksum'>): Record<string, string> =>
  checksum ? { [`Checksum${checksum.algorithm.toUpperCase()}`]: checksum.value, ChecksumType: checksum.type } : {};
