import { decodeText } from '../http/query.js';
import { S3Error } from '../http/s3-error.js';
import { splitOnce } from '../http/text.js';

export type Tags = Readonly<Record<string, string>>;

/** The header `x-amz-tagging`: `a=1&b=2`. */
export function parseTagging(text = ''): Tags {
  const pairs = text.split('&').filter(Boolean);
  return checkTags(
    pairs.map((pair) => {
      const [name = '', value = ''] = splitOnce(pair.replaceAll('+', '%20'), '=');
      return [decodeText(name), decodeText(value)];
    }),
  );
}

export function checkTags(pairs: readonly (readonly [string, string])[]): Tags {
  if (pairs.length > 10) throw new S3Error('InvalidTag', 'An object has at most 10 tags.');
  for (const [name, value] of pairs) {
    if (name.length === 0 || name.length > 128) throw new S3Error('InvalidTag', 'A tag key has 1 to 128 characters.');
    if (value.length > 256) throw new S3Error('InvalidTag', 'A tag value has at most 256 characters.');
  }
  const tags = new Map(pairs);
  if (tags.size < pairs.length) throw new S3Error('InvalidTag', 'A tag key is there twice.');
  return Object.fromEntries(tags);
}
