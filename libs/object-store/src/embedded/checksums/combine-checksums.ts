import { type Checksum, type ChecksumAlgorithm, type ChecksumType, startChecksum } from './checksums.js';
import { CRC64NVME_POLYNOMIAL } from './crc64nvme.js';

interface Polynomial {
  readonly width: bigint;
  readonly bits: bigint;
}

const POLYNOMIALS: Partial<Record<ChecksumAlgorithm, Polynomial>> = {
  crc32: { width: 32n, bits: 0xedb88320n },
  crc32c: { width: 32n, bits: 0x82f63b78n },
  crc64nvme: { width: 64n, bits: CRC64NVME_POLYNOMIAL },
};

export interface PartChecksum {
  readonly size: number;
  readonly value: string;
}

export const canBeOfFullObject = (algorithm: ChecksumAlgorithm): boolean => algorithm in POLYNOMIALS;

/** The checksum of an object from those of its parts, without reading a byte of it. */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly PartChecksum[],
): Checksum {
  if (type === 'COMPOSITE') {
    const sum = startChecksum(algorithm);
    for (const { value } of parts) sum.update(Buffer.from(value, 'base64'));
    return { algorithm, type, value: `${sum.digest().toString('base64')}-${parts.length}` };
  }
  const polynomial = POLYNOMIALS[algorithm];
  if (!polynomial) throw new Error(`${algorithm} of a whole object can't be had from its parts`);
  return { algorithm, type, value: toBase64(polynomial, concatenated(polynomial, parts)) };
}

/** crc(A‖B) = crc(A)·x^(8·|B|) + crc(B): zlib's crc32_combine, for any width. */
function concatenated(polynomial: Polynomial, parts: readonly PartChecksum[]): bigint {
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { size, value } of parts) {
    const shift = shifts.get(size) ?? power(polynomial, BigInt(size) * 8n);
    shifts.set(size, shift);
    whole = multiply(polynomial, shift, whole) ^ BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`);
  }
  return whole;
}

/** Reflected: the highest bit is x^0. */
function multiply({ width, bits }: Polynomial, left: bigint, right: bigint): bigint {
  let product = 0n;
  let term = right;
  for (let bit = width - 1n; bit >= 0n; bit--) {
    if ((left >> bit) & 1n) product ^= term;
    term = term & 1n ? (term >> 1n) ^ bits : term >> 1n;
  }
  return product;
}

function power(polynomial: Polynomial, exponent: bigint): bigint {
  let result = 1n << (polynomial.width - 1n);
  let square = 1n << (polynomial.width - 2n);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(polynomial, result, square);
    square = multiply(polynomial, square, square);
  }
  return result;
}

const toBase64 = ({ width }: Polynomial, value: bigint): string =>
  Buffer.from(value.toString(16).padStart(Number(width) / 4, '0'), 'hex').toString('base64');
