import { createHash } from 'node:crypto';
import type { ChunkSigner } from '../auth/chunk-signer.js';
import { S3Error } from '../http/s3-error.js';
import { splitOnce } from '../http/text.js';
import { ByteReader } from './byte-reader.js';

/**
 * The framing of S3's streaming uploads:
 *
 *     10000;chunk-signature=<hex>\r\n <0x10000 bytes> \r\n      (signed; unsigned ones have the length only)
 *     0;chunk-signature=<hex>\r\n
 *     x-amz-checksum-crc32:<base64>\r\n                          (trailers, if announced)
 *     x-amz-trailer-signature:<hex>\r\n                          (if signed)
 *     \r\n
 */
export class AwsChunked implements AsyncIterable<Buffer> {
  /** Once read to the end. */
  readonly trailers = new Map<string, string>();
  private readonly reader: ByteReader;

  constructor(
    source: AsyncIterable<Buffer>,
    private readonly signer?: ChunkSigner,
  ) {
    this.reader = new ByteReader(source);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      const { size, signature } = parseChunkHeader(await this.reader.requireLine(MAX_LINE_BYTES));
      const hash = createHash('sha256');
      for await (const piece of this.reader.take(size)) {
        if (this.signer) hash.update(piece);
        yield piece;
      }
      this.signer?.verifyChunk(signature, hash.digest('hex'));
      if (size === 0) break;
      if ((await this.reader.requireLine(0)) !== '') throw new S3Error('IncompleteBody');
    }
    await this.readTrailers();
    await this.reader.drain();
  }

  private async readTrailers(): Promise<void> {
    let text = '';
    for (let count = 0; ; count++) {
      const line = (await this.reader.line(MAX_LINE_BYTES))?.trim();
      if (!line) break;
      if (count >= MAX_TRAILERS) throw new S3Error('InvalidRequest', 'There are too many trailers.');
      const [name, value = ''] = splitOnce(line, ':');
      if (name === 'x-amz-trailer-signature') {
        this.signer?.verifyTrailer(value, text);
        return;
      }
      text += `${name}:${value}\n`;
      this.trailers.set(name.toLowerCase(), value.trim());
    }
    if (this.signer && text !== '') throw new S3Error('SignatureDoesNotMatch', 'The trailers are not signed.');
  }
}

const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;

function parseChunkHeader(line: string): { size: number; signature?: string } {
  const parts = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?\s*$/i.exec(line);
  if (!parts) throw new S3Error('InvalidRequest', 'A chunk header is malformed.');
  return { size: Number.parseInt(parts[1]!, 16), ...(parts[2] ? { signature: parts[2] } : {}) };
}
