import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookSignature } from '@app/events';

export interface SignedRequest {
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What was signed, if the signature is right: the same request sent again has the same. */
export type Verified = { readonly digest: string } | { readonly refusal: string };

type Signed = Exclude<WebhookSignature, { kind: 'none' | 'key' }>;

/** Says nothing of how far a wrong signature came. */
export function verifySignature(signature: Signed, request: SignedRequest, nowMs: number): Verified {
  switch (signature.kind) {
    case 'github':
      return checked(signature.secret, {
        content: request.body,
        given: [withoutPrefix(request.headers['x-hub-signature-256'] ?? '', 'sha256=')],
      });
    case 'stripe':
      return checkedStripe(signature, request, nowMs);
    case 'hmac':
      return checkedHmac(signature, request, nowMs);
  }
}

function checkedStripe(
  { secret, toleranceSeconds }: Extract<Signed, { kind: 'stripe' }>,
  request: SignedRequest,
  nowMs: number,
): Verified {
  const parts = (request.headers['stripe-signature'] ?? '').split(',').map((part) => part.trim().split('='));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  const given = parts.flatMap(([name, value = '']) => (name === 'v1' ? [value] : []));
  const refusal = tooOld(time, toleranceSeconds, nowMs);
  return refusal ? { refusal } : checked(secret, { content: timed(time, request.body), given });
}

function checkedHmac(
  signature: Extract<Signed, { kind: 'hmac' }>,
  { headers, body }: SignedRequest,
  nowMs: number,
): Verified {
  const { secret, header, algorithm, encoding, prefix, timestampHeader, toleranceSeconds } = signature;
  const given = [withoutPrefix(headers[header] ?? '', prefix)];
  if (timestampHeader === undefined) return checked(secret, { content: body, given, algorithm, encoding });
  const time = headers[timestampHeader] ?? '';
  const refusal = tooOld(time, toleranceSeconds, nowMs);
  return refusal ? { refusal } : checked(secret, { content: timed(time, body), given, algorithm, encoding });
}

interface Check {
  readonly content: Buffer;
  /** While a secret is changed, senders give a signature for each. */
  readonly given: readonly string[];
  readonly algorithm?: string;
  readonly encoding?: 'hex' | 'base64';
}

function checked(secret: string, { content, given, algorithm = 'sha256', encoding = 'hex' }: Check): Verified {
  const expected = digestOf(createHmac(algorithm, secret).update(content).digest(encoding));
  const isRight = given.some((text) =>
    timingSafeEqual(digestOf(encoding === 'hex' ? text.toLowerCase() : text), expected),
  );
  if (!isRight) return { refusal: 'The signature is missing or wrong' };
  return { digest: createHash('sha256').update(content).digest('hex') };
}

/** Of one length, so that comparing takes one time. */
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const timed = (time: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(`${time}.`), body]);

/** Without the prefix there is no signature. */
const withoutPrefix = (text: string, prefix: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : '';

function tooOld(time: string, toleranceSeconds: number, nowMs: number): string | undefined {
  if (!/^\d{1,12}$/.test(time)) return 'The time of the signature is missing';
  return Math.abs(nowMs / 1_000 - Number(time)) > toleranceSeconds ? 'The signature is too old' : undefined;
}
