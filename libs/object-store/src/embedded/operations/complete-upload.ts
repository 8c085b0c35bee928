import { CHECKSUM_ALGORITHMS } from '../checksums/checksums.js';
import { readXml } from '../body/read-xml.js';
import { type Reply, quoted, unquoted, xmlReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import type { S3Request } from '../http/s3-request.js';
import { header } from '../http/text.js';
import type { XmlNode } from '../http/xml.js';
import { assembleParts, multipartEtag } from '../storage/assemble-parts.js';
import type { ObjectVersion, StoredBytes } from '../storage/object-version.js';
import type { Storage } from '../storage/storage.js';
import { MAX_PARTS, type NamedPart, type Upload } from '../storage/upload.js';
import { checksumElements } from './object-headers.js';
import type { Operation } from './operation.js';
import { writePrecondition } from './preconditions.js';
import { uploadOf } from './uploads.js';

/** Asked again after it was done (the answer was lost, or we were killed before giving it), it answers the same. */
export const completeUpload: Operation = async (storage, request) => {
  const named = namedParts(await readXml(request, 'CompleteMultipartUpload'));
  const done = completedBefore(storage, request, named);
  if (done) return reply(request, done);
  const upload = uploadOf(storage, request);
  return reply(request, await storage.uploads.finish(upload, () => publish(storage, request, upload, named)));
};

function publish(storage: Storage, request: S3Request, upload: Upload, named: NamedPart[]): Promise<ObjectVersion> {
  const bytes = assembleParts(upload, named);
  checkWhole(request, bytes);
  const change = {
    eventName: 'ObjectCreated:CompleteMultipartUpload',
    precondition: writePrecondition(request.headers),
  };
  storage.blobs.hold(bytes.segments);
  const draft = { key: upload.key, uploadId: upload.id, ...upload.attributes, ...bytes };
  return storage.changes.put(storage.buckets.get(upload.bucket), draft, change);
}

function completedBefore(storage: Storage, request: S3Request, named: NamedPart[]): ObjectVersion | undefined {
  const version = storage.buckets.get(request.bucket).objects.get(request.key);
  if (version?.uploadId === undefined || version.uploadId !== request.query.get('uploadId')) return undefined;
  return version.etag === multipartEtag(named.map(({ etag }) => etag)) ? version : undefined;
}

function namedParts(document: XmlNode): NamedPart[] {
  const parts = document.children('Part');
  if (parts.length === 0 || parts.length > MAX_PARTS)
    throw new S3Error('MalformedXML', 'There must be 1 to 10000 parts.');
  return parts.map((part) => {
    const algorithm = CHECKSUM_ALGORITHMS.find((one) => part.text(`Checksum${one.toUpperCase()}`));
    return {
      partNumber: Number(part.requireText('PartNumber')),
      etag: unquoted(part.requireText('ETag')),
      ...(algorithm ? { checksum: { algorithm, value: part.text(`Checksum${algorithm.toUpperCase()}`)! } } : {}),
    };
  });
}

function checkWhole({ headers }: S3Request, { size, checksum }: StoredBytes): void {
  const declaredSize = header(headers, 'x-amz-mp-object-size');
  if (declaredSize !== undefined && Number(declaredSize) !== size) {
    throw new S3Error('InvalidRequest', `The parts have ${size} bytes, and x-amz-mp-object-size says ${declaredSize}.`);
  }
  const declared = checksum && header(headers, `x-amz-checksum-${checksum.algorithm}`);
  if (declared !== undefined && declared !== checksum?.value) throw new S3Error('BadDigest');
}

function reply({ bucket, key, headers }: S3Request, version: ObjectVersion): Reply {
  const content = {
    Location: `http://${headers.host}/${bucket}/${encodeURI(key)}`,
    Bucket: bucket,
    Key: key,
    ETag: quoted(version.etag),
    ...checksumElements(version),
  };
  const answer = xmlReply('CompleteMultipartUploadResult', content);
  return { ...answer, headers: { ...answer.headers, 'x-amz-version-id': version.versionId } };
}
