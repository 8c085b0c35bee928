import { S3Error } from '../http/s3-error.js';
import type { Authenticated } from './authenticate.js';
import { EMPTY_SHA256, isSameSignature, scopeText, sha256Hex, signatureOf } from './signing.js';

/** Verifies a body signed chunk by chunk; each signature signs the one before, so none can be moved or left out. */
export class ChunkSigner {
  private previous: string;

  constructor(private readonly seed: Authenticated) {
    this.previous = seed.signature;
  }

  verifyChunk(signature: string | undefined, sha256: string): void {
    this.verify(signature, ['AWS4-HMAC-SHA256-PAYLOAD', ...this.place(), EMPTY_SHA256, sha256]);
  }

  /** `trailer` is the lines as sent, each ended by a line feed. */
  verifyTrailer(signature: string | undefined, trailer: string): void {
    this.verify(signature, ['AWS4-HMAC-SHA256-TRAILER', ...this.place(), sha256Hex(trailer)]);
  }

  private place(): string[] {
    return [this.seed.timestamp, scopeText(this.seed.scope), this.previous];
  }

  private verify(signature: string | undefined, lines: readonly string[]): void {
    const expected = signatureOf(this.seed.key, lines.join('\n'));
    if (!signature || !isSameSignature(signature, expected)) throw new S3Error('SignatureDoesNotMatch');
    this.previous = signature;
  }
}
