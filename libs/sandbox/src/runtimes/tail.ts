import { type Json, parseStorable } from './failure.js';

/** The last bytes of a stream. */
export class Tail {
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private isWhole = true;

  constructor(private readonly maxBytes: number) {}

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    for (let [first] = this.chunks; first && this.size - first.length >= this.maxBytes; [first] = this.chunks) {
      this.size -= first.length;
      this.chunks.shift();
      this.isWhole = false;
    }
    if (this.size > this.maxBytes) this.isWhole = false;
  }

  text(): string {
    return Buffer.concat(this.chunks).subarray(-this.maxBytes).toString('utf8').replaceAll('\0', '\uFFFD');
  }

  lastLine(): string {
    return (
      this.text()
        .split('\n')
        .findLast((line) => line.trim() !== '')
        ?.trim() ?? ''
    );
  }

  /** The JSON that was printed, or else the text. */
  asJson(): Json {
    const text = this.text();
    return (this.isWhole ? parseStorable(text) : undefined) ?? text;
  }
}
