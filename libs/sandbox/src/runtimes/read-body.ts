import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {}

/** Reads to the end even what is too large, so that the sender gets its answer; holds only what is allowed. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > maxBytes) throw new BodyTooLarge();
  return Buffer.concat(chunks).toString('utf8');
}
