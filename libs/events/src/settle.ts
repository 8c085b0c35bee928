import type { ObjectSource } from './object-source.js';

export type Settle = NonNullable<ObjectSource['settle']>;

/** The key of the object that says that this one is complete. */
export function markerKey(template: string, key: string): string {
  const slash = key.lastIndexOf('/') + 1;
  const [dir, name] = [key.slice(0, slash), key.slice(slash)];
  const dot = name.lastIndexOf('.');
  const values = { key, dir, name, stem: dot > 0 ? name.slice(0, dot) : name };
  return template.replaceAll(/\{(key|dir|name|stem)\}/g, (_, part: keyof typeof values) => values[part]);
}

/** What every marker ends with, and no object that waits for one. */
export const markerEnd = (template: string): string => /[^}]*$/.exec(template)?.[0] ?? '';

/** What must be seen of an object, or of its marker, before it counts as complete. */
export const settlingKey = (settle: Settle, key: string): string =>
  'marker' in settle ? markerKey(settle.marker, key) : key;

export interface SettlingFacts {
  readonly settle: Settle;
  /** Of the event. */
  readonly etag: string | undefined;
  readonly eventTime: Date;
  /** As it is now; undefined when it is gone. */
  readonly object: { readonly etag: string; readonly lastModified: Date } | undefined;
  readonly marker: { readonly lastModified: Date } | undefined;
}

/** Clocks within a store differ, and some know whole seconds only. */
const TOLERANCE_MS = 2_000;

/**
 * `superseded`: another version has taken its place, or nothing; that one has an event of its own. A marker that is
 * older than the object belongs to the version before.
 */
export function settled({
  settle,
  etag,
  eventTime,
  object,
  marker,
}: SettlingFacts): 'complete' | 'waits' | 'superseded' {
  if (!object || (etag !== undefined && object.etag !== etag)) return 'superseded';
  if (object.lastModified.getTime() > eventTime.getTime() + TOLERANCE_MS) return 'superseded';
  if (!('marker' in settle)) return 'complete';
  // A listing's and a head's times have whole seconds.
  const isNew = marker && marker.lastModified.getTime() >= Math.floor(object.lastModified.getTime() / 1_000) * 1_000;
  return isNew ? 'complete' : 'waits';
}
