import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Error } from '../http/s3-error.js';
import { Bucket, type BucketSettings } from './bucket.js';
import { isBucketName } from './bucket-name.js';
import type { Durable } from './durable.js';
import { KeyedLock } from './keyed-lock.js';
import type { Layout } from './layout.js';

export class Buckets {
  private readonly lock = new KeyedLock();

  constructor(
    private readonly layout: Layout,
    private readonly durable: Durable,
    private readonly byName: Map<string, Bucket>,
  ) {}

  list(): Bucket[] {
    return [...this.byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Bucket | undefined {
    return this.byName.get(name);
  }

  get(name: string): Bucket {
    const bucket = this.byName.get(name);
    if (!bucket) throw new S3Error('NoSuchBucket', `The bucket ${name} does not exist.`);
    return bucket;
  }

  create(name: string): Promise<void> {
    if (!isBucketName(name)) throw new S3Error('InvalidBucketName', `${name} is not a valid bucket name.`);
    return this.lock.run(name, async () => {
      if (this.byName.has(name)) throw new S3Error('BucketAlreadyOwnedByYou');
      const settings = { createdAt: new Date().toISOString() };
      const partial = this.durable.temporaryPath();
      await mkdir(join(partial, 'objects'), { recursive: true });
      await this.durable.create(join(partial, 'bucket.json'), JSON.stringify(settings));
      await this.durable.syncFolder(partial);
      await this.durable.move(partial, this.layout.bucket(name));
      this.byName.set(name, new Bucket(name, settings));
    });
  }

  delete(name: string): Promise<void> {
    return this.lock.run(name, async () => {
      const bucket = this.get(name);
      bucket.close();
      const discarded = this.durable.temporaryPath();
      try {
        await rename(this.layout.bucket(name), discarded);
      } catch (error) {
        bucket.reopen();
        throw error;
      }
      this.byName.delete(name);
      await this.durable.syncFolder(this.layout.folder('buckets'));
      await rm(discarded, { recursive: true, force: true });
    });
  }

  configure(name: string, changes: Partial<BucketSettings>): Promise<void> {
    return this.lock.run(name, async () => {
      const bucket = this.get(name);
      const settings = { ...bucket.settings, ...changes };
      await this.durable.replace(join(this.layout.bucket(name), 'bucket.json'), JSON.stringify(settings));
      bucket.settings = settings;
      await this.durable.syncFolder(this.layout.bucket(name));
    });
  }
}
