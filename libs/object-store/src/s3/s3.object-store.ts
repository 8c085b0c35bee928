import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import {
  type ByteRange,
  type ListOptions,
  type ObjectBody,
  type ObjectFacts,
  type ObjectPage,
  type ObjectRef,
  ObjectStore,
  type PutOptions,
} from '../object-store.js';
import type { S3Clients } from './s3-clients.js';
import { translated } from './translate.js';

/** At most 4 parts of a stream are in memory; 10,000 parts make 160 GB, the largest stream that can be put. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_A_TIME = 4;
const DEFAULT_TYPE = 'application/octet-stream';

export class S3ObjectStore extends ObjectStore {
  private readonly client: S3Client;

  constructor({ store }: S3Clients) {
    super();
    this.client = store;
  }

  override async ensureBucket(bucket: string): Promise<void> {
    await translated({ bucket }, async () => {
      try {
        await this.client.send(new CreateBucketCommand({ Bucket: bucket }));
      } catch (error) {
        if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error;
      }
    });
  }

  override async listBuckets(): Promise<string[]> {
    const { Buckets = [] } = await translated({ bucket: '' }, () => this.client.send(new ListBucketsCommand({})));
    return Buckets.flatMap(({ Name }) => Name ?? []);
  }

  override async head(ref: ObjectRef): Promise<ObjectFacts> {
    const command = new HeadObjectCommand({ Bucket: ref.bucket, Key: ref.key });
    return factsOf(await translated(ref, () => this.client.send(command)));
  }

  override async get(
    ref: ObjectRef,
    { range }: { range?: ByteRange } = {},
  ): Promise<{ body: Readable; facts: ObjectFacts }> {
    const Range = range && `bytes=${range.start}-${range.end ?? ''}`;
    const command = new GetObjectCommand({ Bucket: ref.bucket, Key: ref.key, Range });
    const output = await translated(ref, () => this.client.send(command));
    return { body: output.Body as Readable, facts: factsOf(output) };
  }

  override async put(ref: ObjectRef, body: ObjectBody, options: PutOptions = {}): Promise<ObjectFacts> {
    const { contentType = DEFAULT_TYPE, metadata = {} } = options;
    const target = { Bucket: ref.bucket, Key: ref.key, ContentType: contentType, Metadata: { ...metadata } };
    const count = { size: 0 };
    const output = await translated(ref, () =>
      body instanceof Readable ? this.upload(target, body, count) : this.send(target, body, count),
    );
    return {
      size: count.size,
      etag: unquoted(output.ETag),
      contentType,
      lastModified: new Date(),
      metadata,
      ...(output.VersionId ? { versionId: output.VersionId } : {}),
    };
  }

  override async delete({ bucket, key }: ObjectRef): Promise<void> {
    await translated({ bucket, key }, () => this.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
  }

  override async list(bucket: string, { prefix, after, limit = 1000 }: ListOptions = {}): Promise<ObjectPage> {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: after, MaxKeys: limit });
    const { Contents = [], IsTruncated } = await translated({ bucket }, () => this.client.send(command));
    const objects = Contents.map(({ Key = '', Size = 0, ETag, LastModified = new Date(0) }) => ({
      key: Key,
      size: Size,
      etag: unquoted(ETag),
      lastModified: LastModified,
    }));
    const last = objects.at(-1)?.key;
    return { objects, ...(IsTruncated && last !== undefined ? { next: last } : {}) };
  }

  private send(target: Target, body: Buffer | string, count: { size: number }) {
    const Body = Buffer.from(body as Buffer);
    count.size = Body.length;
    return this.client.send(new PutObjectCommand({ ...target, Body, ContentLength: Body.length }));
  }

  /** In parts if it is long. A stream that fails aborts the upload, so nothing becomes visible. */
  private upload(target: Target, body: Readable, count: { size: number }) {
    const Body = Readable.from(counted(body, count), { objectMode: false });
    const options = { partSize: PART_BYTES, queueSize: PARTS_AT_A_TIME };
    return new Upload({ client: this.client, params: { ...target, Body }, ...options }).done();
  }
}

type Target = { Bucket: string; Key: string; ContentType: string; Metadata: Record<string, string> };

async function* counted(body: AsyncIterable<Buffer | string>, count: { size: number }): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Buffer);
    count.size += bytes.length;
    yield bytes;
  }
}

const unquoted = (etag = ''): string => etag.replaceAll('"', '');

function factsOf(output: HeadObjectCommandOutput | GetObjectCommandOutput): ObjectFacts {
  const { ContentLength = 0, ContentRange, ETag, ContentType, LastModified, VersionId, Metadata } = output;
  return {
    size: ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1]),
    etag: unquoted(ETag),
    contentType: ContentType ?? DEFAULT_TYPE,
    lastModified: LastModified ?? new Date(0),
    metadata: Metadata ?? {},
    ...(VersionId ? { versionId: VersionId } : {}),
  };
}
