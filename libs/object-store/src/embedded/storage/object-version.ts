import type { Checksum } from '../checksums/checksums.js';

/** A run of bytes of an object: one blob file, whole. An object put at once has one, a completed upload one per part. */
export interface Segment {
  readonly blob: string;
  readonly size: number;
}

/** What the writer says about the bytes and gets back with them. */
export interface ObjectAttributes {
  readonly contentType: string;
  /** Cache-Control, Content-Disposition, Content-Encoding, Content-Language, Expires. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without the `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Bytes that arrived whole and were verified. */
export interface StoredBytes {
  readonly segments: readonly Segment[];
  readonly size: number;
  readonly etag: string;
  readonly checksum?: Checksum;
}

export interface NewVersion extends ObjectAttributes, StoredBytes {
  readonly key: string;
  /** The upload in parts that it came from, so that completing it again is known as such. */
  readonly uploadId?: string;
}

/** One object as its metadata file holds it. */
export interface ObjectVersion extends NewVersion {
  readonly versionId: string;
  readonly sequencer: string;
  readonly lastModified: string;
}
