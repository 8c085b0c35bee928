import { createHash, randomBytes } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectTaggingCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectTaggingCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Bucket, get, put, s3, useSdkBucket } from '../testing/sdk-bucket.js';

const content = randomBytes(100_000);
const md5 = (data: Buffer) => createHash('md5').update(data).digest('hex');

useSdkBucket();

describe('a listing', () => {
  const keys = ['l/', 'l/a', 'l/b/1', 'l/b/2', 'l/c/1', 'l/d', 'm'];
  beforeAll(async () => {
    for (const key of keys) await put(key, 'x');
  });

  it.each([1, 2, 3, 1000])('shows folders once, by pages of %i', async (MaxKeys) => {
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const query = { Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys, ContinuationToken };
      const page = await s3.send(new ListObjectsV2Command(query));
      seen.push(
        ...(page.Contents ?? []).map((one) => one.Key!),
        ...(page.CommonPrefixes ?? []).map((one) => one.Prefix!),
      );
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(seen.toSorted()).toEqual(['l/', 'l/a', 'l/b/', 'l/c/', 'l/d']);
  });

  it('of version 1 goes on behind its marker', async () => {
    const first = await s3.send(new ListObjectsCommand({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys: 3 }));
    expect(first.NextMarker).toBe('l/b/');
    const rest = await s3.send(
      new ListObjectsCommand({ Bucket, Prefix: 'l/', Delimiter: '/', Marker: first.NextMarker }),
    );
    expect([rest.CommonPrefixes, rest.Contents?.map((one) => one.Key)]).toEqual([[{ Prefix: 'l/c/' }], ['l/d']]);
  });

  it('begins behind the key it is given, and encodes keys when asked', async () => {
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/', StartAfter: 'l/b/2' }));
    expect(Contents?.map((one) => one.Key)).toEqual(['l/c/1', 'l/d']);
    await put('e/ü &\u0001', 'x');
    const encoded = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'e/', EncodingType: 'url' }));
    expect(encoded.Contents?.[0]?.Key).toBe('e/%C3%BC%20%26%01');
  });
});

describe('copying, deleting and describing', () => {
  it('copies with the attributes, or with new ones', async () => {
    await put('from', 'x', { ContentType: 'video/mp4', Metadata: { a: '1' }, Tagging: 't=1' });
    const CopySource = `/${Bucket}/from`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource }));
    expect(await get('to')).toMatchObject({ ContentType: 'video/mp4', Metadata: { a: '1' }, TagCount: 1 });
    const replaced = { MetadataDirective: 'REPLACE', ContentType: 'text/plain', Metadata: { b: '2' } } as const;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'from', CopySource, ...replaced }));
    expect(await get('from')).toMatchObject({ ContentType: 'text/plain', Metadata: { b: '2' } });
    const itself = new CopyObjectCommand({ Bucket, Key: 'from', CopySource });
    await expect(s3.send(itself)).rejects.toMatchObject({ name: 'InvalidRequest' });
    const changed = new CopyObjectCommand({ Bucket, Key: 'to', CopySource, CopySourceIfMatch: '"other"' });
    await expect(s3.send(changed)).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('keeps the copy when the source is deleted', async () => {
    await put('original', content);
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/original` }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'original' }] } }));
    expect((await get('copy')).bytes.equals(content)).toBe(true);
  });

  it('deletes many by their exact names, and says which', async () => {
    const names = ['d/a&lt;b', 'd/a<b', 'd/ü\r\n', 'd/x'];
    for (const name of names) await put(name, 'x');
    const Objects = names.slice(0, 3).map((Key) => ({ Key }));
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toHaveLength(3);
    const left = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'd/' }));
    expect(left.Contents?.map((one) => one.Key)).toEqual(['d/x']);
  });

  it('keeps tags, and attributes can be asked for', async () => {
    await put('tagged', 'x');
    const TagSet = [{ Key: 'kind', Value: 'a b' }];
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet } }));
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual(TagSet);
    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual([]);
    const many = Array.from({ length: 11 }, (_, at) => ({ Key: `k${at}`, Value: '' }));
    const tooMany = new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: many } });
    await expect(s3.send(tooMany)).rejects.toMatchObject({ name: 'InvalidTag' });
    const asked = { Bucket, Key: 'tagged', ObjectAttributes: ['ObjectSize', 'ETag', 'Checksum'] } as const;
    const attributes = await s3.send(
      new GetObjectAttributesCommand({ ...asked, ObjectAttributes: [...asked.ObjectAttributes] }),
    );
    expect(attributes).toMatchObject({
      ObjectSize: 1,
      ETag: md5(Buffer.from('x')),
      Checksum: { ChecksumType: 'FULL_OBJECT' },
    });
  });

  it('makes, describes and deletes buckets', async () => {
    const name = { Bucket: 'short-lived' };
    await s3.send(new CreateBucketCommand(name));
    await expect(s3.send(new CreateBucketCommand(name))).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    await expect(s3.send(new CreateBucketCommand({ Bucket: 'Bad_Name' }))).rejects.toMatchObject({
      name: 'InvalidBucketName',
    });
    expect((await s3.send(new GetBucketLocationCommand(name))).LocationConstraint).toBeUndefined();
    expect((await s3.send(new GetBucketVersioningCommand(name))).Status).toBeUndefined();
    const enable = { ...name, VersioningConfiguration: { Status: 'Enabled' } } as const;
    await expect(s3.send(new PutBucketVersioningCommand(enable))).rejects.toMatchObject({ name: 'NotImplemented' });
    await s3.send(new PutObjectCommand({ ...name, Key: 'k', Body: 'x' }));
    await expect(s3.send(new DeleteBucketCommand(name))).rejects.toMatchObject({ name: 'BucketNotEmpty' });
    await s3.send(new DeleteObjectsCommand({ ...name, Delete: { Objects: [{ Key: 'k' }] } }));
    await s3.send(new CreateMultipartUploadCommand({ ...name, Key: 'k' }));
    await s3.send(new DeleteBucketCommand(name));
    await expect(s3.send(new ListObjectsV2Command(name))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('keeps the notification configuration', async () => {
    const queue = { QueueArn: 'arn:minio:sqs::1:webhook', Events: ['s3:ObjectCreated:*' as const] };
    const NotificationConfiguration = { QueueConfigurations: [queue] };
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
    const kept = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(kept.QueueConfigurations).toMatchObject([queue]);
  });

  it('refuses what it does not do rather than take it for something else', async () => {
    await put('acl', 'x');
    const acl = new PutObjectAclCommand({ Bucket, Key: 'acl', ACL: 'public-read' });
    await expect(s3.send(acl)).rejects.toMatchObject({ name: 'NotImplemented' });
    await expect(put('acl', 'y', { ServerSideEncryption: 'AES256' })).rejects.toMatchObject({ name: 'NotImplemented' });
    expect((await get('acl')).bytes.toString()).toBe('x');
  });
});
