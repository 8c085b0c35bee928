import { S3Error } from '../http/s3-error.js';
import { KeyIndex } from './key-index.js';
import type { ObjectVersion } from './object-version.js';

/** What `bucket.json` holds. */
export interface BucketSettings {
  readonly createdAt: string;
  /** The inside of the NotificationConfiguration last put, as given. */
  readonly notificationXml?: string;
}

export class Bucket {
  /** Changes of objects under way. */
  private changing = 0;
  private closed = false;

  constructor(
    readonly name: string,
    public settings: BucketSettings,
    readonly objects = new KeyIndex<ObjectVersion>(),
  ) {}

  /** Runs a change; a bucket being deleted takes none, and one with a change under way isn't deleted. */
  async change<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) throw new S3Error('NoSuchBucket');
    this.changing++;
    try {
      return await work();
    } finally {
      this.changing--;
    }
  }

  close(): void {
    if (this.objects.size > 0 || this.changing > 0) throw new S3Error('BucketNotEmpty');
    this.closed = true;
  }

  reopen(): void {
    this.closed = false;
  }
}
