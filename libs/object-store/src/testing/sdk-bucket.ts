import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from '@jest/globals';
import { createS3Client } from '../s3/s3-client.js';
import { type TestServer, startTestServer } from './embedded.js';

export const Bucket = 'sdk';

/** The server and the client of this file's tests: there from `beforeAll` to `afterAll`. */
export let server: TestServer;
export let s3: S3Client;

/** Starts a server with an empty bucket for the tests of the file that calls it; the AWS SDK talks to it, without retries. */
export function useSdkBucket(): void {
  beforeAll(async () => {
    server = await startTestServer();
    s3 = createS3Client(server.options, { maxAttempts: 1 });
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  afterAll(async () => {
    s3.destroy();
    await server[Symbol.asyncDispose]();
  });
}

export const put = (Key: string, Body: string | Buffer, more = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

export const get = async (Key: string, more = {}) => {
  const output = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...output, bytes: await buffer(output.Body as Readable) };
};
