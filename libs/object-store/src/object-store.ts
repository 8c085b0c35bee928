import type { Readable } from 'node:stream';

export interface ObjectRef {
  readonly bucket: string;
  readonly key: string;
}

export interface ObjectFacts {
  /** Of the whole object, also where only a range of it was asked for. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly contentType: string;
  readonly lastModified: Date;
  readonly versionId?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ObjectSummary {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly lastModified: Date;
}

export interface ObjectPage {
  readonly objects: readonly ObjectSummary[];
  /** Pass it as `after` to read on; absent on the last page. */
  readonly next?: string;
}

/** First and last byte, both included; without `end`, to the object's end. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface ListOptions {
  readonly prefix?: string;
  readonly after?: string;
  readonly limit?: number;
}

export interface PutOptions {
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export type ObjectBody = Readable | Buffer | string;

/** Where media lives. An abstract class, so that it is both the type and the injection token. */
export abstract class ObjectStore {
  abstract ensureBucket(name: string): Promise<void>;
  abstract listBuckets(): Promise<string[]>;
  /** Throws ObjectNotFound. */
  abstract head(ref: ObjectRef): Promise<ObjectFacts>;
  /** The body must be read to its end or destroyed. Throws ObjectNotFound, RangeNotSatisfiable. */
  abstract get(ref: ObjectRef, options?: { range?: ByteRange }): Promise<{ body: Readable; facts: ObjectFacts }>;
  /** All or nothing: a reader sees the old object or the new one, never half of one. Streams are never held whole. */
  abstract put(ref: ObjectRef, body: ObjectBody, options?: PutOptions): Promise<ObjectFacts>;
  /** Deleting what isn't there is success. */
  abstract delete(ref: ObjectRef): Promise<void>;
  /** In the order of the keys' UTF-8 bytes. Throws BucketNotFound. */
  abstract list(bucket: string, options?: ListOptions): Promise<ObjectPage>;
}
