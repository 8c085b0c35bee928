import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { UploadNotFound } from '../object-store.errors.js';
import type { ObjectRef, PutOptions } from '../object-store.js';
import { type CopySource, ObjectTransfers, type UploadedPart } from '../object-transfers.js';
import type { S3Clients } from './s3-clients.js';
import { translated } from './translate.js';

/** S3 copies at most 5 GiB into a part, and takes at most 10,000 of them. */
const MAX_COPIED_BYTES = 2 ** 30;

export class S3ObjectTransfers extends ObjectTransfers {
  private readonly client: S3Client;
  private readonly signer: S3Client;

  constructor({ transfers, signer }: S3Clients) {
    super();
    this.client = transfers;
    this.signer = signer;
  }

  override presignGet({ bucket, key }: ObjectRef, expiresSeconds: number): Promise<string> {
    return getSignedUrl(this.signer, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: expiresSeconds });
  }

  override presignPut({ bucket, key }: ObjectRef, expiresSeconds: number): Promise<string> {
    return getSignedUrl(this.signer, new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: expiresSeconds });
  }

  override async createUpload({ bucket, key }: ObjectRef, options: PutOptions = {}): Promise<string> {
    const { contentType: ContentType, metadata } = options;
    const command = new CreateMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      ContentType,
      Metadata: metadata && { ...metadata },
    });
    const { UploadId } = await translated({ bucket, key }, () => this.client.send(command));
    if (!UploadId) throw new Error(`The store opened no upload to s3://${bucket}/${key}`);
    return UploadId;
  }

  override presignParts(
    { bucket, key }: ObjectRef,
    uploadId: string,
    count: number,
    expiresSeconds: number,
  ): Promise<string[]> {
    const presign = (PartNumber: number): Promise<string> => {
      const command = new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumber });
      return getSignedUrl(this.signer, command, { expiresIn: expiresSeconds });
    };
    return Promise.all(Array.from({ length: count }, (_, at) => presign(at + 1)));
  }

  override async copyParts(ref: ObjectRef, uploadId: string, source: CopySource): Promise<UploadedPart[]> {
    const count = Math.max(1, Math.ceil(source.size / MAX_COPIED_BYTES));
    const parts: UploadedPart[] = [];
    for (let partNumber = 1; partNumber <= count; partNumber++) {
      const from = (partNumber - 1) * MAX_COPIED_BYTES;
      const range = `bytes=${from}-${Math.min(source.size, from + MAX_COPIED_BYTES) - 1}`;
      const command = new UploadPartCopyCommand({
        Bucket: ref.bucket,
        Key: ref.key,
        UploadId: uploadId,
        PartNumber: partNumber,
        CopySource: encodeURI(`${source.bucket}/${source.key}`).replaceAll(/[?#+]/g, encodeURIComponent),
        CopySourceIfMatch: `"${source.etag}"`,
        ...(count > 1 && { CopySourceRange: range }),
      });
      const { CopyPartResult } = await translated(source, () => this.client.send(command));
      parts.push({ partNumber, etag: unquoted(CopyPartResult?.ETag) });
    }
    return parts;
  }

  override async completeUpload(ref: ObjectRef, uploadId: string, parts: readonly UploadedPart[]): Promise<string> {
    const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: `"${unquoted(etag)}"` }));
    const target = { Bucket: ref.bucket, Key: ref.key, UploadId: uploadId };
    try {
      const command = new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } });
      const { ETag = '' } = await translated({ ...ref, uploadId }, () => this.client.send(command));
      return unquoted(ETag);
    } catch (error) {
      if (error instanceof UploadNotFound && (await this.isCompleted(ref, parts))) return multipartEtag(parts);
      throw error;
    }
  }

  override async abortUpload(ref: ObjectRef, uploadId: string): Promise<void> {
    const command = new AbortMultipartUploadCommand({ Bucket: ref.bucket, Key: ref.key, UploadId: uploadId });
    try {
      await translated({ ...ref, uploadId }, () => this.client.send(command));
    } catch (error) {
      if (!(error instanceof UploadNotFound)) throw error;
    }
  }

  /** A store that forgot the upload shows by the object's etag that it was completed with these very parts. */
  private async isCompleted({ bucket, key }: ObjectRef, parts: readonly UploadedPart[]): Promise<boolean> {
    const etag = multipartEtag(parts);
    try {
      const output = await this.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return unquoted(output.ETag) === etag;
    } catch {
      return false;
    }
  }
}

const unquoted = (etag = ''): string => etag.replaceAll('"', '');

/** The MD5 of the parts' MD5s and their number, which AWS and its likes use where they don't encrypt with KMS. */
function multipartEtag(parts: readonly UploadedPart[]): string {
  const digests = Buffer.from(parts.map(({ etag }) => unquoted(etag)).join(''), 'hex');
  return `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
}
