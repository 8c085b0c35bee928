import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Durable } from './durable.js';
import type { Layout } from './layout.js';
import type { Segment } from './object-version.js';

const READ_BYTES = 256 * 1024;

/**
 * Files of bytes that never change. Whoever needs one holds it: an object's metadata, a part of an upload, a reader.
 * The last to let go deletes it, so a replaced object can be read to its end, and a copy costs no bytes.
 * Holders live in memory only and are counted again from the metadata at start.
 */
export class Blobs {
  private readonly holders = new Map<string, number>();

  constructor(
    private readonly layout: Layout,
    private readonly durable: Durable,
  ) {}

  /** Durable once it resolves, and held once, for the caller. Empty content needs no blob. */
  async write(content: AsyncIterable<Buffer>): Promise<Segment[]> {
    const segment = { blob: randomUUID(), size: 0 };
    this.hold([segment]);
    try {
      const file = await open(this.layout.blob(segment.blob), 'wx', 0o600);
      try {
        for await (const chunk of content) {
          await file.appendFile(chunk);
          segment.size += chunk.length;
        }
        if (segment.size > 0) await file.sync();
      } finally {
        await file.close();
      }
      if (segment.size > 0) await this.durable.syncFolder(this.layout.folder('blobs'));
    } catch (error) {
      await this.release([segment]);
      throw error;
    }
    if (segment.size > 0) return [segment];
    await this.release([segment]);
    return [];
  }

  hold(segments: readonly Segment[]): void {
    for (const { blob } of segments) this.holders.set(blob, (this.holders.get(blob) ?? 0) + 1);
  }

  /** A file that can't be deleted is a leftover, swept at the next start. */
  async release(segments: readonly Segment[]): Promise<void> {
    for (const { blob } of segments) {
      const left = (this.holders.get(blob) ?? 0) - 1;
      if (left > 0) this.holders.set(blob, left);
      else {
        this.holders.delete(blob);
        await unlink(this.layout.blob(blob)).catch(() => {});
      }
    }
  }

  /** The bytes from `start` to `end`, both included. Held at once, until the stream ends or is destroyed. */
  read(segments: readonly Segment[], start: number, end: number): Readable {
    this.hold(segments);
    const stream = Readable.from(this.chunks(segments, start, end), { objectMode: false, highWaterMark: READ_BYTES });
    stream.once('close', () => void this.release(segments));
    return stream;
  }

  /** Deletes what nobody holds. Only before the first request: a blob being written is held, but a sweep is slow. */
  async sweep(): Promise<void> {
    for (const blob of await readdir(this.layout.folder('blobs'))) {
      if (!this.holders.has(blob)) await unlink(this.layout.blob(blob));
    }
  }

  private async *chunks(segments: readonly Segment[], start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { blob, size } of segments) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, size - 1);
      offset += size;
      if (from <= to) {
        yield* createReadStream(this.layout.blob(blob), { start: from, end: to, highWaterMark: READ_BYTES });
      }
    }
  }
}
