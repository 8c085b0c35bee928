import { S3Error } from './s3-error.js';

/** A query string as the signature sees it: decoded pairs, in the order given, repeats kept. */
export class Query {
  readonly pairs: readonly (readonly [name: string, value: string])[];

  constructor(text: string) {
    this.pairs = text.split('&').filter(Boolean).map(decodePair);
  }

  has(name: string): boolean {
    return this.pairs.some(([candidate]) => candidate === name);
  }

  get(name: string): string | undefined {
    return this.pairs.find(([candidate]) => candidate === name)?.[1];
  }

  all(name: string): string[] {
    return this.pairs.filter(([candidate]) => candidate === name).map(([, value]) => value);
  }

  /** A whole number from 0 to `max`; larger ones are cut to it. */
  count(name: string, max: number): number {
    const text = this.get(name);
    if (text === undefined || text === '') return max;
    if (!/^\d{1,10}$/.test(text)) throw new S3Error('InvalidArgument', `${name} must be a whole number.`);
    return Math.min(Number(text), max);
  }
}

function decodePair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  return [decodeText(name.replaceAll('+', '%20')), decodeText(value.replaceAll('+', '%20'))];
}

export function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new S3Error('InvalidURI', undefined, { cause: error });
  }
}

/** RFC 3986 as AWS wants it: all but the unreserved characters. */
export const encodeText = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

export const encodePath = (path: string): string => path.split('/').map(encodeText).join('/');
