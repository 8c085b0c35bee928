import type { IncomingHttpHeaders } from 'node:http';
import type { Query } from '../http/query.js';
import { S3Error, type S3ErrorCode } from '../http/s3-error.js';
import type { Scope } from './signing.js';

/** A signature as the request presents it, nothing checked but its form. */
export interface PresentedSignature {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  /** Of a presigned URL only. */
  readonly expiresSeconds?: number;
}

const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;

export function presentedSignature(headers: IncomingHttpHeaders, query: Query): PresentedSignature {
  if (query.has('X-Amz-Algorithm')) return fromQuery(query);
  if (headers.authorization) return fromHeader(headers.authorization, headers['x-amz-date']);
  throw new S3Error('AccessDenied', 'Anonymous requests are not allowed.');
}

function fromHeader(authorization: string, date: unknown): PresentedSignature {
  const fields = /^AWS4-HMAC-SHA256\s+(.*)$/
    .exec(authorization)?.[1]
    ?.split(',')
    .map((field) => field.trim());
  if (!fields) throw new S3Error('AuthorizationHeaderMalformed', 'Only AWS4-HMAC-SHA256 is accepted.');
  const field = (name: string): string => {
    const value = fields.find((candidate) => candidate.startsWith(`${name}=`))?.slice(name.length + 1);
    if (!value) throw new S3Error('AuthorizationHeaderMalformed', `${name} is missing.`);
    return value;
  };
  if (typeof date !== 'string') throw new S3Error('AccessDenied', 'The header x-amz-date is missing.');
  return {
    ...parseCredential(field('Credential'), 'AuthorizationHeaderMalformed'),
    signedHeaders: field('SignedHeaders').split(';'),
    signature: field('Signature'),
    timestamp: date,
  };
}

function fromQuery(query: Query): PresentedSignature {
  const code = 'AuthorizationQueryParametersError';
  const field = (name: string): string => {
    const value = query.get(name);
    if (!value) throw new S3Error(code, `${name} is missing.`);
    return value;
  };
  if (field('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') throw new S3Error(code, 'Only AWS4-HMAC-SHA256 is accepted.');
  const expiresSeconds = Number(field('X-Amz-Expires'));
  if (!(Number.isInteger(expiresSeconds) && expiresSeconds > 0 && expiresSeconds <= MAX_EXPIRES_SECONDS)) {
    throw new S3Error(code, `X-Amz-Expires must be a whole number from 1 to ${MAX_EXPIRES_SECONDS}.`);
  }
  return {
    ...parseCredential(field('X-Amz-Credential'), code),
    signedHeaders: field('X-Amz-SignedHeaders').split(';'),
    signature: field('X-Amz-Signature'),
    timestamp: field('X-Amz-Date'),
    expiresSeconds,
  };
}

/** `KEY/DATE/REGION/s3/aws4_request`. */
export function parseCredential(text: string, code: S3ErrorCode): { accessKeyId: string; scope: Scope } {
  const [accessKeyId, date, region, service, terminator, ...rest] = text.split('/');
  if (!accessKeyId || !date || !region || service !== 's3' || terminator !== 'aws4_request' || rest.length > 0) {
    throw new S3Error(code, 'The credential must be KEY/DATE/REGION/s3/aws4_request.');
  }
  return { accessKeyId, scope: { date, region } };
}
