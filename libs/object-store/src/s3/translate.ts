import { S3ServiceException } from '@aws-sdk/client-s3';
import {
  BucketNotFound,
  ObjectChanged,
  ObjectNotFound,
  ObjectStoreUnavailable,
  RangeNotSatisfiable,
  UploadNotFound,
  UploadPartsRefused,
} from '../object-store.errors.js';
import type { ObjectRef } from '../object-store.js';

export interface Subject extends Partial<ObjectRef> {
  readonly bucket: string;
  readonly uploadId?: string;
}

/** Runs a call of the SDK; what the store says is wrong becomes one of our errors, the rest is thrown as it is. */
export async function translated<T>(subject: Subject, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(subject, error);
  }
}

function translate({ bucket, key = '', uploadId = '' }: Subject, error: unknown): unknown {
  if (!(error instanceof S3ServiceException)) {
    return isOfNetwork(error) ? new ObjectStoreUnavailable((error as Error).message, { cause: error }) : error;
  }
  const status = error.$metadata.httpStatusCode ?? 0;
  switch (error.name) {
    case 'NoSuchKey':
      return new ObjectNotFound({ bucket, key }, { cause: error });
    case 'NotFound':
      return key ? new ObjectNotFound({ bucket, key }, { cause: error }) : new BucketNotFound(bucket, { cause: error });
    case 'PreconditionFailed':
      return new ObjectChanged({ bucket, key }, { cause: error });
    case 'NoSuchBucket':
      return new BucketNotFound(bucket, { cause: error });
    case 'NoSuchUpload':
      return new UploadNotFound({ bucket, key }, uploadId, { cause: error });
    case 'InvalidPart':
    case 'InvalidPartOrder':
    case 'EntityTooSmall':
      return new UploadPartsRefused({ bucket, key }, uploadId, { cause: error });
    case 'InvalidRange':
      return new RangeNotSatisfiable({ bucket, key }, { cause: error });
  }
  const isBusy = status >= 500 || status === 429 || status === 408;
  return isBusy ? new ObjectStoreUnavailable(`${error.name}: ${error.message}`, { cause: error }) : error;
}

const NETWORK = /\b(ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|TimeoutError)\b/;

/** The SDK wraps errors that it doesn't know as its own and then keeps only their text. */
const isOfNetwork = (error: unknown): boolean => {
  const { code, name, message } = (error ?? {}) as NodeJS.ErrnoException;
  return NETWORK.test(`${code} ${name} ${message}`);
};
