import type { Reply } from '../http/reply.js';
import type { S3Request } from '../http/s3-request.js';
import type { Storage } from '../storage/storage.js';

/** One of S3's API calls, the caller known and allowed. */
export type Operation = (storage: Storage, request: S3Request) => Promise<Reply> | Reply;
