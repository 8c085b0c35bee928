import type { Checksum, ChecksumAlgorithm, ChecksumType } from '../checksums/checksums.js';
import type { ObjectAttributes, StoredBytes } from './object-version.js';

export interface UploadedPart extends StoredBytes {
  readonly partNumber: number;
  readonly lastModified: string;
}

/** What `upload.json` holds. */
export interface UploadStart {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: string;
  readonly attributes: ObjectAttributes;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType };
}

export interface Upload extends UploadStart {
  readonly parts: Map<number, UploadedPart>;
}

/** One line of a CompleteMultipartUpload. */
export interface NamedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly checksum?: Pick<Checksum, 'algorithm' | 'value'>;
}

export const MAX_PARTS = 10_000;
export const MIN_PART_BYTES = 5 * 1024 * 1024;
