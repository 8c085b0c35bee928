import { type Reply, emptyReply } from '../http/reply.js';
import { S3Error } from '../http/s3-error.js';
import type { S3Request } from '../http/s3-request.js';
import type { ObjectVersion } from '../storage/object-version.js';
import { findVersion } from './find-version.js';
import { type Headers, checksumHeaders, objectHeaders } from './object-headers.js';
import type { Operation } from './operation.js';
import { asHeader } from './attributes.js';
import { conditionsOf, matches, readOutcome } from './preconditions.js';
import { type Span, parseRange } from './range.js';

/** GET and HEAD. The version found at the start is read to its end, also when it is replaced meanwhile. */
export const getObject: Operation = (storage, request) => {
  const version = findVersion(storage, request);
  const outcome = readOutcome(version, conditionsOf(request.headers));
  if (outcome === 'failed') throw new S3Error('PreconditionFailed');
  const described = { ...objectHeaders(version), ...overrides(request) };
  if (outcome === 'unchanged') return emptyReply(304, described);
  const part = partSpan(request, version);
  const span = part ?? rangeSpan(request, version);
  const headers = { ...described, ...lengthHeaders(version, span), ...summed(request, version, span) };
  const reply: Reply = { status: span ? 206 : 200, headers };
  if (request.method === 'HEAD' || version.size === 0) return reply;
  return { ...reply, body: storage.blobs.read(version.segments, span?.start ?? 0, span?.end ?? version.size - 1) };
};

const OVERRIDABLE = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** `?response-content-type=…`: the signer of a URL decides how the browser treats it. */
function overrides({ query }: S3Request): Headers {
  return Object.fromEntries(
    OVERRIDABLE.flatMap((name) => {
      const value = query.get(`response-${name}`);
      if (value === undefined) return [];
      // oxlint-disable-next-line no-control-regex
      if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
        throw new S3Error('InvalidArgument', `response-${name} is no header value.`);
      return [[name, asHeader(value)]];
    }),
  );
}

function rangeSpan({ headers }: S3Request, version: ObjectVersion): Span | undefined {
  const ifRange = headers['if-range'];
  if (typeof ifRange === 'string' && ifRange.startsWith('"') && !matches(ifRange, version)) return undefined;
  return parseRange(headers.range, version.size);
}

/** `?partNumber=2`: that part of a completed upload. */
function partSpan({ query }: S3Request, { segments, size }: ObjectVersion): Span | undefined {
  if (!query.has('partNumber')) return undefined;
  const number = query.count('partNumber', 10_000);
  if (number === 1 && segments.length <= 1) return size > 0 ? { start: 0, end: size - 1 } : undefined;
  const part = segments[number - 1];
  if (!part) throw new S3Error('InvalidRange');
  const start = segments.slice(0, number - 1).reduce((sum, segment) => sum + segment.size, 0);
  return { start, end: start + part.size - 1 };
}

function lengthHeaders({ size, segments, uploadId }: ObjectVersion, span: Span | undefined): Headers {
  if (!span) return { 'content-length': size };
  return {
    'content-length': span.end - span.start + 1,
    'content-range': `bytes ${span.start}-${span.end}/${size}`,
    ...(uploadId ? { 'x-amz-mp-parts-count': segments.length } : {}),
  };
}

/** The checksum is that of the whole, so a part of it goes without. */
const summed = ({ headers }: S3Request, version: ObjectVersion, span: Span | undefined): Headers =>
  span === undefined && headers['x-amz-checksum-mode'] === 'ENABLED' ? checksumHeaders(version) : {};
