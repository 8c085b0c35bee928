import type { Readable } from 'node:stream';
import { type XmlValue, toXml } from './xml.js';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Readable;
}

export const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function xmlReply(root: string, content: XmlValue, status = 200): Reply {
  const body = toXml(root, content, root === 'Error' ? undefined : NAMESPACE);
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

export const emptyReply = (status: number, headers: Reply['headers'] = {}): Reply => ({ status, headers });

export const quoted = (etag: string): string => `"${etag}"`;
export const unquoted = (etag: string): string => etag.trim().replace(/^"(.*)"$/, '$1');
