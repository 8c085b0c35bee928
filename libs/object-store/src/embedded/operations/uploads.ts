import { emptyReply, quoted, xmlReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import { checkNewKey, type S3Request } from '../http/s3-request.js';
import { header } from '../http/text.js';
import { parseAlgorithm } from '../body/expected-body.js';
import { canBeOfFullObject } from '../checksums/combine-checksums.js';
import { compareKeys } from '../storage/key-order.js';
import type { Upload } from '../storage/upload.js';
import { attributesOf } from './attributes.js';
import { encoding } from './list-objects.js';
import type { Operation } from './operation.js';

export const uploadOf = ({ uploads }: Parameters<Operation>[0], { bucket, key, query }: S3Request): Upload =>
  uploads.get(bucket, key, query.get('uploadId') ?? '');

export const createUpload: Operation = async ({ buckets, uploads }, request) => {
  const { bucket, key } = request;
  buckets.get(bucket);
  checkNewKey(key);
  const upload = await uploads.create({ bucket, key, attributes: attributesOf(request), ...checksumOf(request) });
  return xmlReply('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: upload.id });
};

function checksumOf({ headers }: S3Request): Pick<Upload, 'checksum'> {
  const name = header(headers, 'x-amz-checksum-algorithm');
  if (name === undefined) return {};
  const algorithm = parseAlgorithm(name);
  const type = header(headers, 'x-amz-checksum-type') ?? (algorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE');
  const isPossible = type === 'COMPOSITE' ? algorithm !== 'crc64nvme' : canBeOfFullObject(algorithm);
  if ((type !== 'COMPOSITE' && type !== 'FULL_OBJECT') || !isPossible) {
    throw new S3Error('InvalidRequest', `The checksum type ${type} does not go with the algorithm ${name}.`);
  }
  return { checksum: { algorithm, type } };
}

export const abortUpload: Operation = async (storage, request) => {
  storage.buckets.get(request.bucket);
  await storage.uploads.abort(uploadOf(storage, request));
  return emptyReply(204);
};

export const listParts: Operation = (storage, request) => {
  const upload = uploadOf(storage, request);
  const { query } = request;
  const limit = query.count('max-parts', 1000);
  const after = Number(query.get('part-number-marker') ?? 0) || 0;
  const left = [...upload.parts.values()].filter((part) => part.partNumber > after);
  const parts = left.toSorted((a, b) => a.partNumber - b.partNumber).slice(0, limit);
  return xmlReply('ListPartsResult', {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: after,
    NextPartNumberMarker: parts.at(-1)?.partNumber,
    MaxParts: limit,
    IsTruncated: left.length > parts.length,
    ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
    Part: parts.map(({ partNumber, lastModified, etag, size, checksum }) => ({
      PartNumber: partNumber,
      LastModified: lastModified,
      ETag: quoted(etag),
      Size: size,
      ...(checksum ? { [`Checksum${checksum.algorithm.toUpperCase()}`]: checksum.value } : {}),
    })),
  });
};

/** By key, and of one key by age. */
export const listUploads: Operation = ({ buckets, uploads }, request) => {
  buckets.get(request.bucket);
  const { query } = request;
  const limit = query.count('max-uploads', 1000);
  const prefix = query.get('prefix') ?? '';
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('upload-id-marker')];
  const all = uploads.of(request.bucket).toSorted(inOrder);
  const marked = all.findIndex(({ key, id }) => key === keyMarker && id === idMarker);
  const left = (marked >= 0 ? all.slice(marked + 1) : all.filter(({ key }) => compareKeys(key, keyMarker) > 0)).filter(
    ({ key }) => key.startsWith(prefix),
  );
  const page = left.slice(0, limit);
  const encode = encoding(query);
  return xmlReply('ListMultipartUploadsResult', {
    Bucket: request.bucket,
    Prefix: encode(prefix),
    EncodingType: query.get('encoding-type'),
    NextKeyMarker: page.length > 0 ? encode(page.at(-1)!.key) : undefined,
    NextUploadIdMarker: page.at(-1)?.id,
    MaxUploads: limit,
    IsTruncated: left.length > page.length,
    Upload: page.map(({ key, id, initiated }) => ({
      Key: encode(key),
      UploadId: id,
      Initiated: initiated,
      StorageClass: 'STANDARD',
    })),
  });
};

const inOrder = (a: Upload, b: Upload): number =>
  compareKeys(a.key, b.key) || a.initiated.localeCompare(b.initiated) || a.id.localeCompare(b.id);
