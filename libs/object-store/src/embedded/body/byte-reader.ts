import { S3Error } from '../http/s3-error.js';

/** Reads a stream by lines, counts and delimiters, holding no more than a chunk of it. */
export class ByteReader {
  private readonly source: AsyncIterator<Buffer>;
  private buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Up to and without the CRLF; undefined where the stream ends instead. */
  async line(maxBytes: number): Promise<string | undefined> {
    for (;;) {
      const end = this.buffer.indexOf('\r\n');
      if (end > maxBytes || (end < 0 && this.buffer.length > maxBytes)) throw new S3Error('MaxMessageLengthExceeded');
      if (end >= 0) return this.cut(end + 2).toString('latin1', 0, end);
      if (!(await this.more())) return undefined;
    }
  }

  async requireLine(maxBytes: number): Promise<string> {
    const line = await this.line(maxBytes);
    if (line === undefined) throw new S3Error('IncompleteBody');
    return line;
  }

  /** Exactly `count` bytes, as they come. */
  async *take(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.buffer.length === 0 && !(await this.more())) throw new S3Error('IncompleteBody');
      const piece = this.cut(Math.min(left, this.buffer.length));
      left -= piece.length;
      yield piece;
    }
  }

  /** All before the delimiter, which is swallowed. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.buffer.indexOf(delimiter);
      const ready = at >= 0 ? at : this.buffer.length - delimiter.length + 1;
      if (ready > 0) yield this.cut(ready);
      if (at >= 0) {
        this.cut(delimiter.length);
        return;
      }
      if (!(await this.more())) throw new S3Error('IncompleteBody');
    }
  }

  /** Reads on to the stream's end, so that it ends well. */
  async drain(): Promise<void> {
    do this.buffer = Buffer.alloc(0);
    while (await this.more());
  }

  private cut(count: number): Buffer {
    const piece = this.buffer.subarray(0, count);
    this.buffer = this.buffer.subarray(count);
    return piece;
  }

  private async more(): Promise<boolean> {
    const { value, done } = await this.source.next();
    if (done) return false;
    this.buffer = this.buffer.length === 0 ? value : Buffer.concat([this.buffer, value]);
    return true;
  }
}
