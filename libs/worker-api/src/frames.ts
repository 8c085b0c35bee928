/**
 * Messages on a connection that carries nothing else: between a gateway and an executor (see `lane.ts`), and between an
 * executor and an instance. What is passed on is passed on as the bytes that came: nobody on the way parses it.
 *
 *   0           4      5          9             13
 *   ┌───────────┬──────┬──────────┬─────────────┬──────────────┬──────────────────┐
 *   │ u32 rest  │ type │ u32 call │ u32 of head │ head: JSON   │ body: bytes      │
 *   └───────────┴──────┴──────────┴─────────────┴──────────────┴──────────────────┘
 */
const PREFIX = 13;
/** Up to here one write of a copy is cheaper than two writes. */
const COPIED_BYTES = 16_384;

export interface Frame {
  readonly type: number;
  /** Which call it is about; 0 if none. */
  readonly call: number;
  readonly head: string;
  readonly body: Buffer;
}

export class FrameBroken extends Error {}

/** What of a socket is used here. */
export interface FrameSink {
  readonly destroyed: boolean;
  cork(): void;
  uncork(): void;
  write(bytes: Buffer): boolean;
}

/** What one turn of the event loop has to say goes out together. */
export class FrameWriter {
  private isCorked = false;

  constructor(private readonly socket: FrameSink) {}

  send(type: number, call: number, head: string, body?: Buffer): void {
    if (this.socket.destroyed) return;
    if (!this.isCorked) {
      this.isCorked = true;
      this.socket.cork();
      setImmediate(() => {
        this.isCorked = false;
        this.socket.uncork();
      });
    }
    const headBytes = Buffer.byteLength(head);
    const bodyBytes = body?.length ?? 0;
    const isCopied = bodyBytes <= COPIED_BYTES;
    const first = Buffer.allocUnsafe(PREFIX + headBytes + (isCopied ? bodyBytes : 0));
    first.writeUInt32BE(PREFIX - 4 + headBytes + bodyBytes, 0);
    first.writeUInt8(type, 4);
    first.writeUInt32BE(call, 5);
    first.writeUInt32BE(headBytes, 9);
    first.write(head, PREFIX, headBytes, 'utf8');
    if (body && isCopied) body.copy(first, PREFIX + headBytes);
    this.socket.write(first);
    if (body && !isCopied) this.socket.write(body);
  }
}

/** Cuts what comes into frames. Throws `FrameBroken` at what cannot be one. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private size = 0;
  private wanted = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly onFrame: (frame: Frame) => void,
  ) {}

  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.size > 0) {
      this.chunks.push(chunk);
      this.size += chunk.length;
      if (this.size < this.wanted) return;
      bytes = Buffer.concat(this.chunks);
      this.chunks = [];
      this.size = 0;
    }
    let at = 0;
    for (let next = this.read(bytes, at); next !== undefined; next = this.read(bytes, at)) at = next;
  }

  /** Where the next frame begins; undefined if this one is not there yet. */
  private read(bytes: Buffer, at: number): number | undefined {
    const left = bytes.length - at;
    if (left < 4) return this.hold(bytes, at, 4);
    const rest = bytes.readUInt32BE(at);
    if (rest < PREFIX - 4 || rest > this.maxBytes) throw new FrameBroken(`a frame of ${rest} bytes`);
    const end = at + 4 + rest;
    if (end > bytes.length) return this.hold(bytes, at, 4 + rest);
    const headEnd = at + PREFIX + bytes.readUInt32BE(at + 9);
    if (headEnd > end) throw new FrameBroken('a head that is longer than its frame');
    this.onFrame({
      type: bytes.readUInt8(at + 4),
      call: bytes.readUInt32BE(at + 5),
      head: bytes.toString('utf8', at + PREFIX, headEnd),
      body: bytes.subarray(headEnd, end),
    });
    return end;
  }

  private hold(bytes: Buffer, at: number, wanted: number): undefined {
    this.chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.size = bytes.length - at;
    this.wanted = wanted;
  }
}
