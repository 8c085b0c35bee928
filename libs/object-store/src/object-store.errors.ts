import { AppError } from '@app/common';
import type { ObjectRef } from './object-store.js';

export class ObjectNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'object_not_found';

  constructor({ bucket, key }: ObjectRef, options?: ErrorOptions) {
    super(`No object at s3://${bucket}/${key}`, { bucket, key }, options);
  }
}

/** It was overwritten since it was looked at. */
export class ObjectChanged extends AppError {
  readonly kind = 'conflict';
  readonly code = 'object_changed';

  constructor({ bucket, key }: ObjectRef, options?: ErrorOptions) {
    super(`The object s3://${bucket}/${key} is not the one that was looked at`, { bucket, key }, options);
  }
}

export class BucketNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'bucket_not_found';

  constructor(bucket: string, options?: ErrorOptions) {
    super(`No bucket ${bucket}`, { bucket }, options);
  }
}

export class UploadNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'upload_not_found';

  constructor({ bucket, key }: ObjectRef, uploadId: string, options?: ErrorOptions) {
    super(`No upload ${uploadId} to s3://${bucket}/${key}`, { bucket, key, uploadId }, options);
  }
}

/** The store does not have the parts that an upload was to be completed with: asking again changes nothing. */
export class UploadPartsRefused extends AppError {
  readonly kind = 'invalid';
  readonly code = 'upload_parts_refused';

  constructor({ bucket, key }: ObjectRef, uploadId: string, options?: ErrorOptions) {
    super(`The store refuses the parts of upload ${uploadId} to s3://${bucket}/${key}`, { bucket, key }, options);
  }
}

export class RangeNotSatisfiable extends AppError {
  readonly kind = 'invalid';
  readonly code = 'range_not_satisfiable';

  constructor({ bucket, key }: ObjectRef, options?: ErrorOptions) {
    super(`s3://${bucket}/${key} has no byte in the range asked for`, { bucket, key }, options);
  }
}

/** The store could not be reached, or said that it can't serve now: worth trying again. */
export class ObjectStoreUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'object_store_unavailable';

  constructor(reason: string, options?: ErrorOptions) {
    super(`The object store is not available: ${reason}`, {}, options);
  }
}
