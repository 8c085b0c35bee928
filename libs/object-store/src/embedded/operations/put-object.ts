import { emptyReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import { checkNewKey, type S3Request } from '../http/s3-request.js';
import { attributesOf } from './attributes.js';
import { copyObject } from './copy-object.js';
import { checksumHeaders, versionHeaders } from './object-headers.js';
import type { Operation } from './operation.js';
import { writePrecondition } from './preconditions.js';
import { receive } from './receive.js';

export const putObject: Operation = async (storage, request) => {
  if (request.headers['x-amz-copy-source'] !== undefined) return copyObject(storage, request);
  requireLength(request);
  const bucket = storage.buckets.get(request.bucket);
  checkNewKey(request.key);
  const attributes = attributesOf(request);
  const precondition = writePrecondition(request.headers);
  // Asked here too, so that a body of gigabytes isn't sent for nothing.
  precondition(bucket.objects.get(request.key));
  const bytes = await receive(storage, request.body);
  const change = { eventName: 'ObjectCreated:Put', precondition };
  const version = await storage.changes.put(bucket, { key: request.key, ...attributes, ...bytes }, change);
  return emptyReply(200, { ...versionHeaders(version), ...checksumHeaders(version) });
};

/** Without a length, a body cut short by a proxy could pass for a whole one. */
export function requireLength({ headers }: S3Request): void {
  if (headers['content-length'] === undefined && headers['x-amz-decoded-content-length'] === undefined) {
    throw new S3Error('MissingContentLength');
  }
}
