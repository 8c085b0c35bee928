import type { S3Request } from '../http/s3-request.js';
import { S3Error } from '../http/s3-error.js';
import { type XmlNode, parseXml } from '../http/xml.js';

/** 10,000 parts with their checksums, or 1,000 keys of 1,024 bytes, all escaped. */
const MAX_XML_BYTES = 8 * 1024 * 1024;

export async function readText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new S3Error('MaxMessageLengthExceeded');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export async function readXml({ body }: S3Request, root: string): Promise<XmlNode> {
  return parseXml(await readText(body, MAX_XML_BYTES), root);
}
