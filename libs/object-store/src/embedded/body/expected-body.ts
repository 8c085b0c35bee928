import type { IncomingHttpHeaders } from 'node:http';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  isChecksumAlgorithm,
  isDigestOf,
} from '../checksums/checksums.js';
import { S3Error } from '../http/s3-error.js';
import { header } from '../http/text.js';

/** What the headers promise about the body. */
export interface ExpectedBody {
  readonly sha256?: string;
  readonly md5?: string;
  readonly algorithm?: ChecksumAlgorithm;
  /** Base64. If there is none though there is an algorithm: it comes as a trailer, or only a result is wanted. */
  readonly checksum?: string;
  /** The name of the trailer with the checksum. */
  readonly trailer?: string;
  readonly size?: number;
}

export const MAX_BODY_BYTES = 5 * 1024 ** 3;

export function expectedBody(headers: IncomingHttpHeaders, payloadHash: string): ExpectedBody {
  const size = header(headers, 'x-amz-decoded-content-length') ?? headers['content-length'];
  if (Number(size ?? 0) > MAX_BODY_BYTES) throw new S3Error('EntityTooLarge');
  const isHash = /^[0-9a-f]{64}$/.test(payloadHash);
  return {
    ...(isHash ? { sha256: payloadHash } : {}),
    ...(size === undefined || isNaN(Number(size)) ? {} : { size: Number(size) }),
    ...expectedMd5(header(headers, 'content-md5')),
    ...expectedChecksum(headers),
  };
}

function expectedMd5(base64: string | undefined): Pick<ExpectedBody, 'md5'> {
  if (base64 === undefined) return {};
  const md5 = Buffer.from(base64, 'base64').toString('hex');
  if (md5.length !== 32) throw new S3Error('InvalidDigest');
  return { md5 };
}

function expectedChecksum(headers: IncomingHttpHeaders): Pick<ExpectedBody, 'algorithm' | 'checksum' | 'trailer'> {
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => headers[`x-amz-checksum-${algorithm}`] !== undefined);
  if (given.length > 1) throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header.');
  const [algorithm] = given;
  if (algorithm) {
    const checksum = header(headers, `x-amz-checksum-${algorithm}`)!;
    if (!isDigestOf(algorithm, checksum)) {
      throw new S3Error('InvalidRequest', `Value for x-amz-checksum-${algorithm} header is invalid.`);
    }
    return { algorithm, checksum };
  }
  const trailer = header(headers, 'x-amz-trailer')?.trim().toLowerCase();
  const announced = trailer?.replace(/^x-amz-checksum-/, '') ?? header(headers, 'x-amz-sdk-checksum-algorithm');
  return announced === undefined
    ? {}
    : { algorithm: parseAlgorithm(announced), ...(trailer === undefined ? {} : { trailer }) };
}

export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = name.toLowerCase();
  if (!isChecksumAlgorithm(algorithm)) throw new S3Error('InvalidRequest', `There is no checksum algorithm ${name}.`);
  return algorithm;
}
