import type { IncomingMessage } from 'node:http';
import { S3Error } from '../http/s3-error.js';
import type { Target } from '../http/s3-request.js';
import { canonicalRequest } from './canonical-request.js';
import { type PresentedSignature, presentedSignature } from './presented-signature.js';
import {
  type Credentials,
  type Scope,
  isSameSignature,
  parseTimestamp,
  scopeText,
  sha256Hex,
  signatureOf,
  signingKey,
} from './signing.js';

export interface Authority {
  readonly credentials: Credentials;
  readonly region: string;
}

/** What the body's verification needs of a signature that holds. */
export interface Authenticated {
  readonly key: Buffer;
  readonly scope: Scope;
  readonly timestamp: string;
  readonly signature: string;
  /** A SHA-256 in hex, or one of S3's words for how the body is signed. */
  readonly payloadHash: string;
}

const MAX_SKEW_MS = 15 * 60 * 1000;

/** Throws unless the request is signed with the secret, for this place and this time. */
export function authenticate(request: IncomingMessage, target: Target, authority: Authority): Authenticated {
  const presented = presentedSignature(request.headers, target.query);
  const { scope, timestamp, signature, signedHeaders } = presented;
  const key = keyFor(presented.accessKeyId, scope, authority);
  checkTime(presented);
  checkSignedHeaders(request.headers, signedHeaders);
  const payloadHash = payloadHashOf(request, presented);
  const signable = { ...target, method: request.method ?? '', headers: request.headersDistinct };
  const hash = sha256Hex(canonicalRequest(signable, signedHeaders, payloadHash));
  const expected = signatureOf(key, ['AWS4-HMAC-SHA256', timestamp, scopeText(scope), hash].join('\n'));
  if (!isSameSignature(signature, expected)) throw new S3Error('SignatureDoesNotMatch');
  return { key, scope, timestamp, signature, payloadHash };
}

export function keyFor(accessKeyId: string, scope: Scope, { credentials, region }: Authority): Buffer {
  if (!isSameSignature(accessKeyId, credentials.accessKeyId)) throw new S3Error('InvalidAccessKeyId');
  if (scope.region !== region) {
    throw new S3Error('AuthorizationHeaderMalformed', `The region '${scope.region}' is wrong; expecting '${region}'`);
  }
  return signingKey(credentials.secretAccessKey, scope);
}

function checkTime({ timestamp, scope, expiresSeconds }: PresentedSignature): void {
  const signedAt = parseTimestamp(timestamp);
  if (Number.isNaN(signedAt) || !timestamp.startsWith(scope.date)) {
    throw new S3Error('AccessDenied', 'The date of the signature and that of its credential must be the same day.');
  }
  const age = Date.now() - signedAt;
  if (expiresSeconds === undefined) {
    if (Math.abs(age) > MAX_SKEW_MS) throw new S3Error('RequestTimeTooSkewed');
    return;
  }
  if (age < -MAX_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not valid yet');
  if (age > expiresSeconds * 1000) throw new S3Error('AccessDenied', 'Request has expired');
}

/** A header that changes what is done must be signed, or anybody on the way could add one. */
function checkSignedHeaders(headers: IncomingMessage['headers'], signed: readonly string[]): void {
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const missing = needed.filter((name) => !signed.includes(name));
  if (missing.length > 0) throw new S3Error('AccessDenied', `These headers must be signed: ${missing.join(', ')}`);
}

function payloadHashOf({ headers }: IncomingMessage, { expiresSeconds }: PresentedSignature): string {
  const declared = headers['x-amz-content-sha256'];
  if (typeof declared === 'string') return declared;
  if (expiresSeconds === undefined) throw new S3Error('MissingSecurityHeader');
  return 'UNSIGNED-PAYLOAD';
}
