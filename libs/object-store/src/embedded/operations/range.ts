import { S3Error } from '../http/s3-error.js';

export interface Span {
  /** First and last byte, both included. */
  readonly start: number;
  readonly end: number;
}

/** One range of RFC 9110 section 14.1.2. Undefined where the header is to be ignored: no bytes, several, or backwards. */
export function parseRange(header: string | undefined, size: number): Span | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!parts || (parts[1] === '' && parts[2] === '')) return undefined;
  const [first, last] = [parts[1]!, parts[2]!];
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || (first === '' && Number(last) === 0)) throw new S3Error('InvalidRange');
  return { start, end };
}
