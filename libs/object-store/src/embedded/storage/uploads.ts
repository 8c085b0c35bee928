import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Error } from '../http/s3-error.js';
import type { Blobs } from './blobs.js';
import type { Durable } from './durable.js';
import { KeyedLock } from './keyed-lock.js';
import type { Layout } from './layout.js';
import type { StoredBytes } from './object-version.js';
import type { Upload, UploadStart, UploadedPart } from './upload.js';

/** Uploads in parts that are not completed. Each part holds its blob until the upload ends or the part is replaced. */
export class Uploads {
  private readonly lock = new KeyedLock();

  constructor(
    private readonly layout: Layout,
    private readonly durable: Durable,
    private readonly blobs: Blobs,
    private readonly byId: Map<string, Upload>,
  ) {}

  of(bucket: string): Upload[] {
    return [...this.byId.values()].filter((upload) => upload.bucket === bucket);
  }

  get(bucket: string, key: string, id: string): Upload {
    const upload = this.byId.get(id);
    if (upload?.bucket !== bucket || upload.key !== key) throw new S3Error('NoSuchUpload');
    return upload;
  }

  async create(facts: Omit<UploadStart, 'id' | 'initiated'>): Promise<Upload> {
    const start: UploadStart = { ...facts, id: randomUUID().replaceAll('-', ''), initiated: new Date().toISOString() };
    const partial = this.durable.temporaryPath();
    await mkdir(partial);
    await this.durable.create(join(partial, 'upload.json'), JSON.stringify(start));
    await this.durable.syncFolder(partial);
    await this.durable.move(partial, this.layout.upload(start.id));
    const upload = { ...start, parts: new Map<number, UploadedPart>() };
    this.byId.set(start.id, upload);
    return upload;
  }

  /** Takes over the caller's hold of the bytes; if it throws, they are released. */
  async putPart(upload: Upload, partNumber: number, bytes: StoredBytes): Promise<UploadedPart> {
    const part: UploadedPart = { ...bytes, partNumber, lastModified: new Date().toISOString() };
    const dir = this.layout.upload(upload.id);
    try {
      return await this.exclusively(upload, async () => {
        await this.durable.replace(join(dir, `${partNumber}.json`), JSON.stringify(part));
        await this.durable.syncFolder(dir);
        const replaced = upload.parts.get(partNumber);
        upload.parts.set(partNumber, part);
        if (replaced) await this.blobs.release(replaced.segments);
        return part;
      });
    } catch (error) {
      await this.blobs.release(bytes.segments);
      throw error;
    }
  }

  /** Runs `publish` while no part can change, then forgets the upload. If `publish` throws, the upload stays. */
  finish<T>(upload: Upload, publish: () => Promise<T>): Promise<T> {
    return this.exclusively(upload, async () => {
      const result = await publish();
      await this.discard(upload);
      return result;
    });
  }

  abort(upload: Upload): Promise<void> {
    return this.exclusively(upload, () => this.discard(upload));
  }

  async abortAll(bucket: string): Promise<void> {
    for (const upload of this.of(bucket)) await this.abort(upload);
  }

  private exclusively<T>(upload: Upload, work: () => Promise<T>): Promise<T> {
    return this.lock.run(upload.id, async () => {
      if (!this.byId.has(upload.id)) throw new S3Error('NoSuchUpload');
      return work();
    });
  }

  private async discard(upload: Upload): Promise<void> {
    const discarded = this.durable.temporaryPath();
    await rename(this.layout.upload(upload.id), discarded);
    this.byId.delete(upload.id);
    for (const { segments } of upload.parts.values()) await this.blobs.release(segments);
    await rm(discarded, { recursive: true, force: true });
  }
}
