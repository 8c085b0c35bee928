import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3StoreOptions } from './s3-options.js';

// The SDK warns on Node 20, which we support, once per process on standard error.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export function createS3Client(options: S3StoreOptions, more: Partial<S3ClientConfig> = {}): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle } = options;
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle,
    ...more,
  });
}
