import { createHash } from 'node:crypto';
import { join } from 'node:path';

/**
 * The data folder:
 *
 *     buckets/NAME/bucket.json          when it was made, its notification configuration
 *     buckets/NAME/objects/SHA256.json  an object's metadata, under the hash of its key: no key can leave the folder
 *     blobs/UUID                        bytes; reached only through metadata, otherwise a leftover
 *     uploads/ID/upload.json, N.json    an upload in parts that is not completed, and its parts
 *     journal/SEQUENCER.json            a notification that is not yet delivered
 *     tmp/                              what is being written; emptied at start
 */
export class Layout {
  constructor(readonly dir: string) {}

  readonly folders = ['buckets', 'blobs', 'uploads', 'journal', 'tmp'] as const;

  folder(name: (typeof this.folders)[number]): string {
    return join(this.dir, name);
  }

  bucket(name: string): string {
    return join(this.dir, 'buckets', name);
  }

  objects(bucket: string): string {
    return join(this.bucket(bucket), 'objects');
  }

  object(bucket: string, key: string): string {
    return join(this.objects(bucket), `${createHash('sha256').update(key).digest('hex')}.json`);
  }

  blob(id: string): string {
    return join(this.dir, 'blobs', id);
  }

  upload(id: string): string {
    return join(this.dir, 'uploads', id);
  }
}
