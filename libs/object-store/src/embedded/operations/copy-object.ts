import { xmlReply, quoted } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import type { S3Request } from '../http/s3-request.js';
import type { NewVersion, ObjectAttributes, ObjectVersion } from '../storage/object-version.js';
import { attributesOf } from './attributes.js';
import { copySource } from './copy-source.js';
import { checksumElements, versionHeaders } from './object-headers.js';
import type { Operation } from './operation.js';
import { writePrecondition } from './preconditions.js';

/** The copy shares the source's blobs, so it costs no bytes. */
export const copyObject: Operation = async (storage, request) => {
  const target = storage.buckets.get(request.bucket);
  const { bucket, version: source } = copySource(storage, request);
  if (bucket === request.bucket && source.key === request.key && directive(request, 'metadata') === 'COPY') {
    throw new S3Error('InvalidRequest', 'An object copied onto itself must change: use the directive REPLACE.');
  }
  const { segments, size, etag, checksum } = source;
  const draft: NewVersion = {
    ...attributesOfCopy(request, source),
    key: request.key,
    segments: [...segments],
    size,
    etag,
    ...(checksum ? { checksum } : {}),
  };
  storage.blobs.hold(draft.segments);
  const change = { eventName: 'ObjectCreated:Copy', precondition: writePrecondition(request.headers) };
  const version = await storage.changes.put(target, draft, change);
  const content = { ETag: quoted(etag), LastModified: version.lastModified, ...checksumElements(version) };
  const headers = { ...versionHeaders(version), 'x-amz-copy-source-version-id': source.versionId };
  const reply = xmlReply('CopyObjectResult', content);
  return { ...reply, headers: { ...reply.headers, ...headers } };
};

function attributesOfCopy(request: S3Request, source: ObjectVersion): ObjectAttributes {
  const said = attributesOf(request);
  const described = directive(request, 'metadata') === 'REPLACE' ? said : source;
  const tagged = directive(request, 'tagging') === 'REPLACE' ? said : source;
  const { contentType, headers, metadata } = described;
  return { contentType, headers, metadata, tags: tagged.tags };
}

function directive({ headers }: S3Request, of: 'metadata' | 'tagging'): 'COPY' | 'REPLACE' {
  const value = headers[`x-amz-${of}-directive`] ?? 'COPY';
  if (value !== 'COPY' && value !== 'REPLACE') throw new S3Error('InvalidArgument', `The ${of} directive is unknown.`);
  return value;
}
