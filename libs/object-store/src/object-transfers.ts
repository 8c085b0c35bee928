import type { ObjectRef, PutOptions } from './object-store.js';

export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** An object as it was seen. */
export interface CopySource extends ObjectRef {
  readonly etag: string;
  readonly size: number;
}

/** Moving bytes past us: those who hold a URL read or write an object without credentials of the store. */
export abstract class ObjectTransfers {
  /** A URL that anybody may GET for so long. Whether the object exists is not checked. */
  abstract presignGet(ref: ObjectRef, expiresSeconds: number): Promise<string>;
  /** A URL that anybody may PUT an object to, whole, for so long. It is visible at once. */
  abstract presignPut(ref: ObjectRef, expiresSeconds: number): Promise<string>;
  /** Opens an upload in parts; nothing is visible at the key until it is completed. */
  abstract createUpload(ref: ObjectRef, options?: PutOptions): Promise<string>;
  /** URLs to PUT the parts 1 to `count` to. All but the last must be of 5 MiB or more. */
  abstract presignParts(ref: ObjectRef, uploadId: string, count: number, expiresSeconds: number): Promise<string[]>;
  /**
   * Fills the upload with another object of the store, without moving bytes past us; gives its parts. Throws
   * ObjectNotFound, and ObjectChanged if the object is not the one with this etag any more.
   */
  abstract copyParts(ref: ObjectRef, uploadId: string, source: CopySource): Promise<UploadedPart[]>;
  /**
   * Makes the object visible, whole, and gives its etag. Completing again what was completed with the same parts
   * is success, so an answer that was lost can be asked for again. Throws UploadNotFound, UploadPartsRefused.
   */
  abstract completeUpload(ref: ObjectRef, uploadId: string, parts: readonly UploadedPart[]): Promise<string>;
  /** Throws the parts away. Aborting what was aborted or completed is success. */
  abstract abortUpload(ref: ObjectRef, uploadId: string): Promise<void>;
}
