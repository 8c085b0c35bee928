import { emptyReply, quoted, xmlReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import type { S3Request } from '../http/s3-request.js';
import { IncomingBody } from '../body/incoming-body.js';
import { MAX_PARTS } from '../storage/upload.js';
import type { StoredBytes } from '../storage/object-version.js';
import type { Storage } from '../storage/storage.js';
import { copySource } from './copy-source.js';
import { checksumElements, checksumHeaders } from './object-headers.js';
import type { Operation } from './operation.js';
import { requireLength } from './put-object.js';
import { parseRange } from './range.js';
import { receive } from './receive.js';
import { uploadOf } from './uploads.js';

export const putPart: Operation = async (storage, request) => {
  const partNumber = partNumberOf(request);
  const upload = uploadOf(storage, request);
  if (request.headers['x-amz-copy-source'] !== undefined) {
    const bytes = await receive(storage, sourceBytes(storage, request));
    const part = await storage.uploads.putPart(upload, partNumber, bytes);
    return xmlReply('CopyPartResult', {
      ETag: quoted(part.etag),
      LastModified: part.lastModified,
      ...checksumElements(part),
    });
  }
  requireLength(request);
  request.body.sumWith(upload.checksum?.algorithm);
  const bytes = await receive(storage, request.body);
  const part = await storage.uploads.putPart(upload, partNumber, bytes);
  return emptyReply(200, { etag: quoted(part.etag), ...partChecksum(part) });
};

function partNumberOf({ query }: S3Request): number {
  const number = Number(query.get('partNumber'));
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PARTS) return number;
  throw new S3Error('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
}

/** Read and stored again, for its MD5: unlike a whole object, a part of one has no etag yet. */
function sourceBytes(storage: Storage, request: S3Request): IncomingBody {
  const { version } = copySource(storage, request);
  const header = request.headers['x-amz-copy-source-range'];
  const span = parseRange(header as string | undefined, version.size);
  if (header !== undefined && !span)
    throw new S3Error('InvalidArgument', 'x-amz-copy-source-range must be bytes=first-last.');
  const { start, end } = span ?? { start: 0, end: version.size - 1 };
  const body = new IncomingBody(storage.blobs.read(version.segments, start, end), {});
  body.sumWith(uploadOf(storage, request).checksum?.algorithm);
  return body;
}

const partChecksum = (part: StoredBytes) => {
  const { 'x-amz-checksum-type': _, ...headers } = checksumHeaders(part);
  return headers;
};
