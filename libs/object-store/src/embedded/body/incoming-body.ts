import { createHash } from 'node:crypto';
import { type ChecksumAlgorithm, type RunningChecksum, startChecksum } from '../checksums/checksums.js';
import { S3Error } from '../http/s3-error.js';
import { type ExpectedBody, MAX_BODY_BYTES } from './expected-body.js';

export interface BodyFacts {
  readonly size: number;
  readonly md5: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/** A body that is summed while it is read, and compared with what its headers and trailers said at its end. */
export class IncomingBody implements AsyncIterable<Buffer> {
  private read: BodyFacts | undefined;
  private algorithm: ChecksumAlgorithm | undefined;

  constructor(
    private readonly source: AsyncIterable<Buffer>,
    private readonly expected: ExpectedBody,
    private readonly trailers: ReadonlyMap<string, string> = new Map(),
  ) {
    this.algorithm = expected.algorithm;
  }

  get facts(): BodyFacts {
    if (!this.read) throw new Error('The body was not read to its end');
    return this.read;
  }

  /** Sums with this algorithm where the request names none. */
  sumWith(algorithm: ChecksumAlgorithm | undefined): void {
    this.algorithm ??= algorithm;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const md5 = createHash('md5');
    const sha256 = this.expected.sha256 === undefined ? undefined : createHash('sha256');
    const sum = this.algorithm && startChecksum(this.algorithm);
    let size = 0;
    for await (const chunk of this.source) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw new S3Error('EntityTooLarge');
      md5.update(chunk);
      sha256?.update(chunk);
      sum?.update(chunk);
      yield chunk;
    }
    const facts = { size, md5: md5.digest('hex'), ...this.checksumFact(sum) };
    if (sha256 && sha256.digest('hex') !== this.expected.sha256) throw new S3Error('XAmzContentSHA256Mismatch');
    this.verify(facts);
    this.read = facts;
  }

  private checksumFact(sum: RunningChecksum | undefined): Pick<BodyFacts, 'checksum'> {
    if (!sum || !this.algorithm) return {};
    return { checksum: { algorithm: this.algorithm, value: sum.digest().toString('base64') } };
  }

  private verify({ size, md5, checksum }: BodyFacts): void {
    const { expected } = this;
    if (expected.size !== undefined && size !== expected.size) throw new S3Error('IncompleteBody');
    if (expected.md5 !== undefined && md5 !== expected.md5) throw new S3Error('BadDigest');
    const declared = expected.trailer === undefined ? expected.checksum : this.trailers.get(expected.trailer);
    if (expected.trailer !== undefined && declared === undefined) {
      throw new S3Error('InvalidRequest', `The trailer ${expected.trailer} was announced and did not come.`);
    }
    if (declared !== undefined && checksum?.value !== declared) {
      throw new S3Error(
        'BadDigest',
        `The ${checksum?.algorithm.toUpperCase()} you specified did not match what we received.`,
      );
    }
  }
}
