import { S3Error } from '../http/s3-error.js';
import { type Authority, keyFor } from './authenticate.js';
import { parseCredential } from './presented-signature.js';
import { isSameSignature, signatureOf } from './signing.js';

export interface PostPolicy {
  readonly minBytes: number;
  readonly maxBytes: number;
}

type Condition =
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly kind: 'content-length-range'; readonly minBytes: number; readonly maxBytes: number };

const UNCONDITIONAL = new Set(['x-amz-signature', 'file', 'policy']);

/** Throws unless the policy is signed, has not expired and allows every field of the form. */
export function checkPostPolicy(fields: ReadonlyMap<string, string>, bucket: string, authority: Authority): PostPolicy {
  const policy = fields.get('policy');
  if (!policy) throw new S3Error('AccessDenied', 'The form has no policy.');
  checkSignature(policy, fields, authority);
  const { expiration, conditions } = parsePolicy(policy);
  if (!(Date.parse(expiration) > Date.now()))
    throw new S3Error('AccessDenied', 'Invalid according to Policy: expired.');
  const values = new Map([...fields, ['bucket', bucket]]);
  for (const condition of conditions) check(condition, values);
  const covered = new Set(conditions.flatMap((condition) => ('field' in condition ? [condition.field] : [])));
  for (const field of fields.keys()) {
    if (!covered.has(field) && !UNCONDITIONAL.has(field) && !field.startsWith('x-ignore-')) {
      throw new S3Error('AccessDenied', `Invalid according to Policy: Extra input fields: ${field}`);
    }
  }
  return sizeRange(conditions);
}

function checkSignature(policy: string, fields: ReadonlyMap<string, string>, authority: Authority): void {
  const credential = fields.get('x-amz-credential') ?? '';
  if (fields.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') {
    throw new S3Error('InvalidArgument', 'x-amz-algorithm must be AWS4-HMAC-SHA256.');
  }
  const { accessKeyId, scope } = parseCredential(credential, 'InvalidArgument');
  const expected = signatureOf(keyFor(accessKeyId, scope, authority), policy);
  if (!isSameSignature(fields.get('x-amz-signature') ?? '', expected)) throw new S3Error('SignatureDoesNotMatch');
}

function parsePolicy(base64: string): { expiration: string; conditions: Condition[] } {
  try {
    const { expiration, conditions } = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    if (typeof expiration !== 'string' || !Array.isArray(conditions))
      throw new Error('expiration or conditions missing');
    return { expiration, conditions: conditions.flatMap(parseCondition) };
  } catch (error) {
    throw new S3Error('InvalidPolicyDocument', undefined, { cause: error });
  }
}

/** `["eq", "$key", "a"]`, `["starts-with", "$key", "a"]`, `["content-length-range", 1, 9]`, or `{"key": "a"}`. */
function parseCondition(condition: unknown): Condition[] {
  if (!Array.isArray(condition)) {
    return Object.entries(condition as object).map(([field, value]) => ({
      kind: 'eq',
      field: field.toLowerCase(),
      value: String(value),
    }));
  }
  const [operator, left, right] = condition;
  const kind = String(operator).toLowerCase();
  if (kind === 'content-length-range') {
    const [minBytes, maxBytes] = [Number(left), Number(right)];
    if (!(minBytes >= 0 && maxBytes >= minBytes)) throw new Error('content-length-range is not a range');
    return [{ kind, minBytes, maxBytes }];
  }
  if (kind !== 'eq' && kind !== 'starts-with') throw new Error(`unknown condition ${kind}`);
  if (typeof left !== 'string' || !left.startsWith('$')) throw new Error('a condition names no $field');
  return [{ kind, field: left.slice(1).toLowerCase(), value: String(right) }];
}

function check(condition: Condition, fields: ReadonlyMap<string, string>): void {
  if (condition.kind === 'content-length-range') return;
  const actual = fields.get(condition.field) ?? '';
  const holds = condition.kind === 'eq' ? actual === condition.value : actual.startsWith(condition.value);
  if (!holds) {
    throw new S3Error('AccessDenied', `Invalid according to Policy: Policy Condition failed: ${condition.field}`);
  }
}

const sizeRange = (conditions: readonly Condition[]): PostPolicy => ({
  minBytes: Math.max(0, ...conditions.map((one) => ('minBytes' in one ? one.minBytes : 0))),
  maxBytes: Math.min(...conditions.map((one) => ('maxBytes' in one ? one.maxBytes : Number.POSITIVE_INFINITY))),
});
