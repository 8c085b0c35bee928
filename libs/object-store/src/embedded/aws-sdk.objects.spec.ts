import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { Bucket, get, put, s3, useSdkBucket } from '../testing/sdk-bucket.js';

const MIB = 1024 * 1024;
const content = randomBytes(100_000);
const md5 = (data: Buffer) => createHash('md5').update(data).digest('hex');

useSdkBucket();

describe('what the AWS SDK puts', () => {
  it('comes back with its ETag, its checksum, its type, its headers and its metadata', async () => {
    const described = { ContentType: 'video/mp4', CacheControl: 'no-cache', Metadata: { a: 'b' } };
    const { ETag, ChecksumCRC32 } = await put('a/b c+é.bin', content, described);
    expect(ETag).toBe(`"${md5(content)}"`);
    const read = await get('a/b c+é.bin', { ChecksumMode: 'ENABLED' });
    expect(read.bytes.equals(content)).toBe(true);
    expect(read).toMatchObject({ ...described, ETag, ChecksumCRC32, ChecksumType: 'FULL_OBJECT' });
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'as a stream is verified by its %s trailer',
    async (ChecksumAlgorithm) => {
      const Body = Readable.from([content.subarray(0, 50_000), content.subarray(50_000)]);
      const output = await s3.send(
        new PutObjectCommand({ Bucket, Key: 'st', Body, ContentLength: content.length, ChecksumAlgorithm }),
      );
      const read = await get('st', { ChecksumMode: 'ENABLED' });
      expect(read.bytes.equals(content)).toBe(true);
      const field = `Checksum${ChecksumAlgorithm}` as const;
      expect([read[field], read.ContentEncoding]).toEqual([output[field], undefined]);
      expect(read[field]).toBeTruthy();
    },
  );

  it.each([
    ['ChecksumCRC32', 'AAAAAA=='],
    ['ChecksumSHA256', createHash('sha256').update('other').digest('base64')],
    ['ContentMD5', createHash('md5').update('other').digest('base64')],
  ])('is refused when its %s is wrong, and the old object stays', async (field, value) => {
    await put('sum', 'old');
    await expect(put('sum', 'new', { [field]: value })).rejects.toMatchObject({ name: 'BadDigest' });
    expect((await get('sum')).bytes.toString()).toBe('old');
  });

  it('only if there is none yet, or only in place of the one it knows', async () => {
    const { ETag } = await put('cond', '1', { IfNoneMatch: '*' });
    await expect(put('cond', '2', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await put('cond', '2', { IfMatch: ETag });
    await expect(put('cond', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('cond-none', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('lets exactly one of many win that all want to be the first', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, (_, at) => put('race', `${at}`, { IfNoneMatch: '*' })),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('what the AWS SDK gets', () => {
  it.each([
    ['bytes=10-19', 10, 20],
    ['bytes=-5', 99_995, 100_000],
    ['bytes=99990-', 99_990, 100_000],
    ['bytes=99990-200000', 99_990, 100_000],
  ])('is the range %s', async (Range, start, end) => {
    await put('range', content);
    const read = await get('range', { Range });
    expect(read.bytes.equals(content.subarray(start, end))).toBe(true);
    expect(read.ContentRange).toBe(`bytes ${start}-${end - 1}/100000`);
  });

  it('is refused where no byte is', async () => {
    await expect(get('range', { Range: 'bytes=100000-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('is nothing when its conditions say so', async () => {
    const { ETag } = await put('when', 'x');
    const later = new Date(Date.now() + 60_000);
    await expect(get('when', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get('when', { IfModifiedSince: later })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get('when', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(get('when', { IfUnmodifiedSince: new Date(0) })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect((await get('when', { IfMatch: ETag, IfUnmodifiedSince: new Date(0) })).bytes.toString()).toBe('x');
  });

  it('is the old version to its end while the object is replaced and deleted', async () => {
    const old = randomBytes(8 * MIB);
    await put('busy', old);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'busy' }));
    await put('busy', 'new');
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'busy' }] } }));
    expect((await buffer(Body as Readable)).equals(old)).toBe(true);
  });

  it('names what is missing', async () => {
    await expect(get('nope')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'nope' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'nope' }))).rejects.toMatchObject({ name: 'NoSuchBucket' });
    const { VersionId } = await put('version', 'x');
    expect((await get('version', { VersionId })).bytes.toString()).toBe('x');
    await expect(get('version', { VersionId: 'other' })).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });
});
