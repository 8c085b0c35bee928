import { S3Error } from '../http/s3-error.js';
import type { S3Request } from '../http/s3-request.js';
import type { ObjectVersion } from '../storage/object-version.js';
import type { Storage } from '../storage/storage.js';

/** The object as it is now; of its versions only this one is kept. */
export function findVersion({ buckets }: Storage, request: Pick<S3Request, 'bucket' | 'key' | 'query'>): ObjectVersion {
  const version = buckets.get(request.bucket).objects.get(request.key);
  if (!version) throw new S3Error('NoSuchKey');
  checkVersionId(request.query.get('versionId'), version);
  return version;
}

export function checkVersionId(versionId: string | undefined, version: ObjectVersion | undefined): void {
  if (versionId !== undefined && versionId !== version?.versionId) throw new S3Error('NoSuchVersion');
}
