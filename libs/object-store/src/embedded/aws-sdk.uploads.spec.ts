import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, it } from '@jest/globals';
import { Bucket, get, put, s3, useSdkBucket } from '../testing/sdk-bucket.js';

const MIB = 1024 * 1024;
const content = randomBytes(100_000);

useSdkBucket();

const uploads = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'lis' }))).Uploads ?? [];

describe('an upload in parts', () => {
  it('of a long stream through lib-storage comes back whole', async () => {
    const chunk = randomBytes(MIB);
    const Body = Readable.from(Array.from({ length: 20 }, () => chunk));
    const output = await new Upload({ client: s3, params: { Bucket, Key: 'big', Body }, partSize: 5 * MIB }).done();
    expect(output.ETag).toMatch(/^"[0-9a-f]{32}-4"$/);
    const read = await get('big', { Range: `bytes=${5 * MIB - 10}-${5 * MIB + 9}` });
    expect(read.bytes.equals(Buffer.concat([chunk.subarray(-10), chunk.subarray(0, 10)]))).toBe(true);
    expect((await get('big')).bytes.equals(Buffer.concat(Array.from({ length: 20 }, () => chunk)))).toBe(true);
    expect((await get('big', { PartNumber: 2 })).bytes).toHaveLength(5 * MIB);
  });

  it('has a checksum of the whole that is that of its bytes, however they were parted', async () => {
    const algorithm = { ChecksumAlgorithm: 'CRC64NVME' } as const;
    const halves = [randomBytes(5 * MIB), randomBytes(1000)];
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'full', ...algorithm }));
    const Parts = [];
    for (const [at, Body] of halves.entries()) {
      const part = { Bucket, Key: 'full', UploadId, PartNumber: at + 1, Body, ...algorithm };
      const { ETag, ChecksumCRC64NVME } = await s3.send(new UploadPartCommand(part));
      Parts.push({ ETag, ChecksumCRC64NVME, PartNumber: at + 1 });
    }
    const complete = { Bucket, Key: 'full', UploadId, MultipartUpload: { Parts } };
    const { ChecksumCRC64NVME, ChecksumType } = await s3.send(new CompleteMultipartUploadCommand(complete));
    const single = await put('single', Buffer.concat(halves), algorithm);
    expect([ChecksumCRC64NVME, ChecksumType]).toEqual([single.ChecksumCRC64NVME, 'FULL_OBJECT']);
    // Asked again, it answers again.
    expect((await s3.send(new CompleteMultipartUploadCommand(complete))).ETag).toMatch(/-2"$/);
  });

  it('is listed with its parts until it is aborted', async () => {
    const target = { Bucket, Key: 'listed' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
    for (const PartNumber of [3, 1, 2]) {
      await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body: `part ${PartNumber}` }));
    }
    const first = await s3.send(new ListPartsCommand({ ...target, UploadId, MaxParts: 2 }));
    expect([first.Parts?.map((part) => part.PartNumber), first.IsTruncated]).toEqual([[1, 2], true]);
    const rest = await s3.send(
      new ListPartsCommand({ ...target, UploadId, PartNumberMarker: first.NextPartNumberMarker }),
    );
    expect(rest.Parts?.map((part) => part.PartNumber)).toEqual([3]);
    expect((await uploads()).map((one) => one.UploadId)).toEqual([UploadId]);
    await s3.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
    expect(await uploads()).toEqual([]);
  });

  it('is read to its end, part after part, while the object is replaced', async () => {
    const old = randomBytes(12 * MIB);
    await new Upload({ client: s3, params: { Bucket, Key: 'busy', Body: old }, partSize: 5 * MIB }).done();
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'busy' }));
    await put('busy', 'new');
    expect((await buffer(Body as Readable)).equals(old)).toBe(true);
    expect((await get('busy')).bytes.toString()).toBe('new');
  });

  it('is refused when its parts are too small, missing, changed or out of order', async () => {
    const target = { Bucket, Key: 'refused' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
    const part = async (PartNumber: number, Body: string | Buffer) => ({
      PartNumber,
      ETag: (await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }))).ETag,
    });
    const [one, two] = [await part(1, 'small'), await part(2, 'x')];
    const complete = (...Parts: object[]) =>
      s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    await expect(complete(one, two)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete(two, one)).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete(one, { ...two, PartNumber: 3 })).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete({ ...one, ETag: two.ETag })).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(part(10_001, 'x')).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(get('refused')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await complete(one);
    expect((await get('refused')).bytes.toString()).toBe('small');
    await expect(part(1, 'late')).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('takes parts from an object', async () => {
    await put('source', content);
    const target = { Bucket, Key: 'assembled' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
    const copy = { ...target, UploadId, PartNumber: 1, CopySource: `${Bucket}/source`, CopySourceRange: 'bytes=10-19' };
    const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(copy));
    const Parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag }];
    await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    expect((await get('assembled')).bytes.equals(content.subarray(10, 20))).toBe(true);
  });
});
