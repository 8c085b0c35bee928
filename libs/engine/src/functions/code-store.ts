import type { Readable } from 'node:stream';
import { ObjectStore } from '@app/object-store';
import { Injectable } from '@nestjs/common';
import { sha256 } from '../catalogue/digest.js';
import { SYSTEM_BUCKET } from '../namespaces/namespaces.js';

/** Code archives by the SHA-256 of their bytes: what is there under a name never changes. */
@Injectable()
export class CodeStore {
  private bucket: Promise<void> | undefined;

  constructor(private readonly objects: ObjectStore) {}

  async put(archive: Buffer): Promise<string> {
    await this.ensureBucket();
    const digest = sha256(archive);
    await this.objects.put({ bucket: SYSTEM_BUCKET, key: keyOf(digest) }, archive, { contentType: 'application/zip' });
    return digest;
  }

  async get(digest: string): Promise<Readable> {
    return (await this.objects.get({ bucket: SYSTEM_BUCKET, key: keyOf(digest) })).body;
  }

  private ensureBucket(): Promise<void> {
    this.bucket ??= this.objects.ensureBucket(SYSTEM_BUCKET).catch((error: unknown) => {
      this.bucket = undefined;
      throw error;
    });
    return this.bucket;
  }
}

const keyOf = (digest: string) => `code/${digest}.zip`;
