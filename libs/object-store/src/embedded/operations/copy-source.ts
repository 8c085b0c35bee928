import { Query, decodeText } from '../http/query.js';
import { S3Error } from '../http/s3-error.js';
import type { S3Request } from '../http/s3-request.js';
import { splitOnce } from '../http/text.js';
import type { ObjectVersion } from '../storage/object-version.js';
import type { Storage } from '../storage/storage.js';
import { findVersion } from './find-version.js';
import { copySourceConditionsOf, readOutcome } from './preconditions.js';

export interface CopySource {
  readonly bucket: string;
  readonly version: ObjectVersion;
}

/** `x-amz-copy-source: /bucket/key?versionId=…`, the path percent-encoded. */
export function copySource(storage: Storage, { headers }: S3Request): CopySource {
  const [path = '', query = ''] = splitOnce(String(headers['x-amz-copy-source']), '?');
  const [bucket = '', key = ''] = splitOnce(decodeText(path).replace(/^\//, ''), '/');
  if (bucket === '' || key === '') throw new S3Error('InvalidArgument', 'x-amz-copy-source must be bucket/key.');
  const version = findVersion(storage, { bucket, key, query: new Query(query) });
  if (readOutcome(version, copySourceConditionsOf(headers)) !== 'read') throw new S3Error('PreconditionFailed');
  return { bucket, version };
}
