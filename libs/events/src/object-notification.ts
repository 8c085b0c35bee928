/**
 * What an object store says happened to one object, whichever store said it. The same shape as the port of
 * the object store gives out.
 */
export interface ObjectNotification {
  /** As AWS names it, without `s3:` in front: `ObjectCreated:Put`. */
  readonly eventName: string;
  readonly bucket: string;
  readonly key: string;
  readonly size?: number;
  readonly etag?: string;
  readonly versionId?: string;
  /** Orders what happened to one key. A store that has none leaves it out. */
  readonly sequencer?: string;
  readonly eventTime: string | Date;
  readonly contentType?: string;
  /** What the uploader said about it, by names in lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export type ObjectChange = 'created' | 'removed';

const CHANGES: readonly (readonly [prefix: string, change: ObjectChange])[] = [
  ['ObjectCreated:', 'created'],
  ['ObjectRemoved:', 'removed'],
  // The store's own life-cycle rules remove objects under a name of their own.
  ['LifecycleExpiration:', 'removed'],
  ['ObjectLifecycle:Expiration:Current', 'removed'],
];

/** AWS writes `ObjectCreated:Put` into its records, MinIO and RustFS write `s3:ObjectCreated:Put`. */
export const plainEventName = (eventName: string): string => eventName.replace(/^s3:/, '');

/** Undefined for what is neither: reads, restores, tags. */
export const changeOf = (eventName: string): ObjectChange | undefined =>
  CHANGES.find(([prefix]) => plainEventName(eventName).startsWith(prefix))?.[1];
