import { describe, expect, it } from '@jest/globals';
import { CHECKSUM_ALGORITHMS, isDigestOf, startChecksum } from './checksums.js';
import { canBeOfFullObject, combineChecksums } from './combine-checksums.js';

const sumOf = (algorithm: (typeof CHECKSUM_ALGORITHMS)[number], ...chunks: Buffer[]) => {
  const sum = startChecksum(algorithm);
  for (const chunk of chunks) sum.update(chunk);
  return sum.digest();
};

describe('checksums', () => {
  // The check values of the catalogue of parametrised CRC algorithms.
  it.each([
    ['crc32', 'cbf43926'],
    ['crc32c', 'e3069283'],
    ['crc64nvme', 'ae8b14860a799888'],
  ] as const)('gives the published %s of "123456789"', (algorithm, expected) => {
    expect(sumOf(algorithm, Buffer.from('12345'), Buffer.from('6789')).toString('hex')).toBe(expected);
  });

  it.each(['crc32', 'crc32c', 'crc64nvme'] as const)('combines the %s of parts into that of the whole', (algorithm) => {
    const parts = [Buffer.alloc(70_000, 'a'), Buffer.from('b'), Buffer.alloc(0), Buffer.alloc(70_000, 'c')];
    const whole = combineChecksums(
      algorithm,
      'FULL_OBJECT',
      parts.map((part) => ({ size: part.length, value: sumOf(algorithm, part).toString('base64') })),
    );
    expect(whole.value).toBe(sumOf(algorithm, Buffer.concat(parts)).toString('base64'));
  });

  it('makes a composite of any algorithm, with the number of parts', () => {
    const parts = ['a', 'b'].map((text) => ({ size: 1, value: sumOf('sha256', Buffer.from(text)).toString('base64') }));
    expect(combineChecksums('sha256', 'COMPOSITE', parts).value).toMatch(/^[A-Za-z0-9+/]{43}=-2$/);
    expect(canBeOfFullObject('sha256')).toBe(false);
  });

  it('knows a digest by its length and its alphabet', () => {
    expect(isDigestOf('crc32', 'AAAAAA==')).toBe(true);
    expect(isDigestOf('crc32', 'AAAA')).toBe(false);
    expect(isDigestOf('crc32', '!!!!!!==')).toBe(false);
  });
});
