import { createHash } from 'node:crypto';
import { combineChecksums } from '../checksums/combine-checksums.js';
import { S3Error } from '../http/s3-error.js';
import type { StoredBytes } from './object-version.js';
import { MIN_PART_BYTES, type NamedPart, type Upload, type UploadedPart } from './upload.js';

/** The whole object: a list of the parts' segments. No byte is copied. */
export function assembleParts(upload: Upload, named: readonly NamedPart[]): StoredBytes {
  const parts = named.map((part, at) => partOf(upload, part, named[at - 1]));
  for (const [at, { partNumber, size }] of parts.entries()) {
    if (size < MIN_PART_BYTES && at < parts.length - 1) {
      throw new S3Error(
        'EntityTooSmall',
        `Part ${partNumber} has ${size} bytes; all but the last need ${MIN_PART_BYTES}.`,
      );
    }
  }
  return {
    segments: parts.flatMap((part) => part.segments),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: multipartEtag(parts.map(({ etag }) => etag)),
    ...checksumOf(upload, parts),
  };
}

/** S3's: the MD5 of the parts' MD5s, and their number. */
export const multipartEtag = (etags: readonly string[]): string =>
  `${createHash('md5')
    .update(Buffer.from(etags.join(''), 'hex'))
    .digest('hex')}-${etags.length}`;

function partOf(upload: Upload, named: NamedPart, before: NamedPart | undefined): UploadedPart {
  if (before && before.partNumber >= named.partNumber) throw new S3Error('InvalidPartOrder');
  const part = upload.parts.get(named.partNumber);
  if (part?.etag !== named.etag)
    throw new S3Error('InvalidPart', `Part ${named.partNumber} is not there with this ETag.`);
  const { checksum } = named;
  if (checksum && part.checksum?.algorithm === checksum.algorithm && part.checksum.value !== checksum.value) {
    throw new S3Error('InvalidPart', `Part ${named.partNumber} has another ${checksum.algorithm} checksum.`);
  }
  return part;
}

function checksumOf({ checksum }: Upload, parts: readonly UploadedPart[]): Pick<StoredBytes, 'checksum'> {
  const known = parts.flatMap(({ size, checksum: own }) =>
    own?.algorithm === checksum?.algorithm && own ? [{ size, value: own.value }] : [],
  );
  if (!checksum || known.length < parts.length) return {};
  return { checksum: combineChecksums(checksum.algorithm, checksum.type, known) };
}
