import { S3Error } from '../http/s3-error.js';
import type { Target } from '../http/s3-request.js';
import * as buckets from './buckets.js';
import { completeUpload } from './complete-upload.js';
import { deleteObject } from './delete-object.js';
import { deleteObjects } from './delete-objects.js';
import { getObject } from './get-object.js';
import { listObjects } from './list-objects.js';
import { listenNotifications } from './listen-notifications.js';
import * as notifications from './notification-configuration.js';
import { getObjectAttributes } from './object-attributes.js';
import type { Operation } from './operation.js';
import { putObject } from './put-object.js';
import { putPart } from './put-part.js';
import * as tagging from './tagging.js';
import * as uploads from './uploads.js';

/** `METHOD level?subresource`. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET service': buckets.listBuckets,
  'GET service?events': listenNotifications,
  'PUT bucket': buckets.createBucket,
  'HEAD bucket': buckets.headBucket,
  'DELETE bucket': buckets.deleteBucket,
  'GET bucket': listObjects,
  'GET bucket?location': buckets.getLocation,
  'GET bucket?versioning': buckets.getVersioning,
  'PUT bucket?versioning': buckets.putVersioning,
  'GET bucket?notification': notifications.getNotificationConfiguration,
  'PUT bucket?notification': notifications.putNotificationConfiguration,
  'GET bucket?events': listenNotifications,
  'GET bucket?uploads': uploads.listUploads,
  'POST bucket?delete': deleteObjects,
  'GET object': getObject,
  'HEAD object': getObject,
  'PUT object': putObject,
  'DELETE object': deleteObject,
  'GET object?tagging': tagging.getTagging,
  'PUT object?tagging': tagging.putTagging,
  'DELETE object?tagging': tagging.deleteTagging,
  'GET object?attributes': getObjectAttributes,
  'POST object?uploads': uploads.createUpload,
  'PUT object?uploadId': putPart,
  'GET object?uploadId': uploads.listParts,
  'POST object?uploadId': completeUpload,
  'DELETE object?uploadId': uploads.abortUpload,
};

/** S3's, implemented or not: an unknown one must not pass for the object itself (`PUT ?acl` would overwrite it). */
const SUBRESOURCES =
  'accelerate acl analytics attributes cors delete encryption events intelligent-tiering inventory legal-hold lifecycle location logging metadataTable metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent uploadId uploads versioning versions website'.split(
    ' ',
  );

export function operationOf(method: string, { bucket, key, query }: Target): Operation {
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const subresource = SUBRESOURCES.find((name) => query.has(name));
  const operation = OPERATIONS[`${method} ${level}${subresource ? `?${subresource}` : ''}`];
  if (operation) return operation;
  if (subresource) throw new S3Error('NotImplemented', `${method} of ?${subresource} is not implemented.`);
  throw new S3Error('MethodNotAllowed');
}
