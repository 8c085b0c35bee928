import type { S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from './s3-client.js';
import type { S3StoreOptions } from './s3-options.js';

/** The clients of one store. They keep connections, which `close` ends. */
export class S3Clients {
  readonly store: S3Client;
  /**
   * Asks for no checksums of its own: parts come by presigned URLs, from holders who don't know what was asked for,
   * and AWS won't complete an upload that was opened with an algorithm and has parts without.
   */
  readonly transfers: S3Client;
  /** Has the endpoint that presigned URLs name, and sends nothing. */
  readonly signer: S3Client;

  constructor(options: S3StoreOptions) {
    const { endpoint, publicEndpoint = endpoint } = options;
    const bare = { requestChecksumCalculation: 'WHEN_REQUIRED' } as const;
    this.store = createS3Client(options);
    this.transfers = createS3Client(options, bare);
    this.signer = createS3Client({ ...options, ...(publicEndpoint && { endpoint: publicEndpoint }) }, bare);
  }

  close(): void {
    for (const client of [this.store, this.transfers, this.signer]) client.destroy();
  }
}
