import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** `DATE/REGION/s3/aws4_request`: what a signing key is good for. */
export interface Scope {
  readonly date: string;
  readonly region: string;
}

export const EMPTY_SHA256 = createHash('sha256').digest('hex');

export const sha256Hex = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

export const scopeText = ({ date, region }: Scope): string => `${date}/${region}/s3/aws4_request`;

export const signingKey = (secret: string, { date, region }: Scope): Buffer =>
  hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), 's3'), 'aws4_request');

export const signatureOf = (key: Buffer, stringToSign: string): string => hmac(key, stringToSign).toString('hex');

/** In a time that doesn't tell how much of it is right. */
export function isSameSignature(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** `20260131T235959Z` as milliseconds since the epoch; NaN if it isn't one. */
export function parseTimestamp(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  return parts ? Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`) : Number.NaN;
}
