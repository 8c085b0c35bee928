import type { Readable } from 'node:stream';

export type StreamName = 'stdout' | 'stderr';
export type OnLine = (stream: StreamName, line: string) => void;

/** Bytes that the streams of one task may send together; what is over is read and dropped. */
export class OutputBudget {
  private left: number;
  private told = false;

  constructor(readonly maxBytes: number) {
    this.left = maxBytes;
  }

  /** What is said instead of the rest. */
  get notice(): string {
    return `[spool] output cut off after ${this.maxBytes} bytes; the rest is dropped`;
  }

  /** The part of the chunk that still fits. */
  take(chunk: Buffer): Buffer {
    const part = chunk.subarray(0, this.left);
    this.left -= part.length;
    return part;
  }

  /** True once: at the first byte that was dropped. */
  isFirstOver(chunk: Buffer, part: Buffer): boolean {
    if (this.told || part.length === chunk.length) return false;
    this.told = true;
    return true;
  }
}

export const MAX_LINE_BYTES = 16_384;
const NEWLINE = 10;

/**
 * Cuts a stream into lines of at most 16 KiB; a longer one comes in pieces. The stream is always read to its
 * end, so that a program never blocks on a full pipe, and never more than one line of it is held. The function that
 * is given back ends it earlier: what was read belongs to this reader, what comes later to the next.
 */
export function readLines(stream: Readable, name: StreamName, budget: OutputBudget, onLine: OnLine): () => void {
  const lines = new LineCutter(name, budget, onLine);
  const onData = (chunk: Buffer) => lines.push(chunk);
  const stop = () => {
    stream.off('data', onData).off('end', stop);
    lines.end();
  };
  stream.on('data', onData).on('end', stop);
  return stop;
}

/** The lines of what is pushed. */
export class LineCutter {
  private rest: Buffer = Buffer.alloc(0);

  constructor(
    private readonly name: StreamName,
    private readonly budget: OutputBudget,
    private readonly onLine: OnLine,
  ) {}

  push(chunk: Buffer): void {
    const { budget } = this;
    const part = budget.take(chunk);
    if (part.length > 0) this.read(this.rest.length > 0 ? Buffer.concat([this.rest, part]) : part);
    if (!budget.isFirstOver(chunk, part)) return;
    this.end();
    this.onLine(this.name, budget.notice);
  }

  /** What stands there without a newline is a line, too. */
  end(): void {
    if (this.rest.length > 0) this.emit(this.rest);
    this.rest = Buffer.alloc(0);
  }

  private read(text: Buffer): void {
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
      for (const piece of pieces(text.subarray(start, end))) this.emit(piece);
      start = end + 1;
    }
    const all = pieces(text.subarray(start));
    for (const piece of all.slice(0, -1)) this.emit(piece);
    this.rest = Buffer.from(all.at(-1) ?? Buffer.alloc(0)); // A copy: the piece would hold the whole chunk.
  }

  private emit(bytes: Buffer): void {
    this.onLine(this.name, toText(bytes));
  }
}

/** At least one piece, so that an empty line stays a line. Never cuts a UTF-8 character in two. */
function pieces(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let left = bytes;
  while (left.length > MAX_LINE_BYTES) {
    let cut = MAX_LINE_BYTES;
    while (cut > MAX_LINE_BYTES - 4 && ((left[cut] ?? 0) & 0xc0) === 0x80) cut--;
    found.push(left.subarray(0, cut));
    left = left.subarray(cut);
  }
  return [...found, left];
}

/** Postgres stores no NUL in text, and a carriage return before the newline belongs to it. */
const toText = (bytes: Buffer): string => bytes.toString('utf8').replace(/\r$/, '').replaceAll('\0', '\uFFFD');
