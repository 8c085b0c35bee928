import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from 'minio';
import type { ForeignStore } from '../../support/cluster.js';

const run = promisify(execFile);

/** The `aws` command line, as people have it; throws what it says. */
export async function aws(
  { endpoint, accessKeyId, secretAccessKey }: ForeignStore,
  ...args: string[]
): Promise<string> {
  const key = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const place = { AWS_DEFAULT_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' };
  const env = { ...process.env, ...key, ...place };
  const { stdout } = await run('aws', ['--endpoint-url', endpoint, ...args], { env });
  return stdout;
}

/** The client that MinIO publishes. It tries once, so that a failure is one. */
export function minioClient({ endpoint, accessKeyId: accessKey, secretAccessKey: secretKey }: ForeignStore): Client {
  const { hostname: endPoint, port } = new URL(endpoint);
  const place = { endPoint, port: Number(port), useSSL: false, region: 'us-east-1' };
  return new Client({ ...place, accessKey, secretKey, retryOptions: { disableRetry: true } });
}
