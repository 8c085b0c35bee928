import type { ObjectNotification } from './object-notification.js';

/** A version of an object as far as the ledger knows it: by a notification, by a listing, or by both. */
export interface KnownVersion {
  readonly etag: string | null;
  readonly eventId: string;
  /** As a listing says; null before one has seen it. */
  readonly lastModified: Date | null;
  /** As a notification says; null before one came. */
  readonly eventTime: Date | null;
  /** Of the notification, if it has one. */
  readonly sequencer: string | null;
}

export interface ListedObject {
  readonly etag: string;
  readonly lastModified: Date;
}

/**
 * Clocks within a store differ, and listings know whole seconds only. The same bytes put again within this time, of
 * which the second notification is lost, are taken for one version.
 */
const TOLERANCE_MS = 2_000;

const mayBe = (version: KnownVersion, etag: string | undefined): boolean =>
  !etag || !version.etag || version.etag === etag;

/** Whether it was told of by this notification: the event may be the one that a sweep made before. */
const isRepeated = (
  version: KnownVersion,
  { etag, eventTime, sequencer }: Pick<ObjectNotification, 'etag' | 'eventTime' | 'sequencer'>,
): boolean =>
  version.eventTime !== null &&
  mayBe(version, etag) &&
  (sequencer === undefined
    ? version.eventTime.getTime() === new Date(eventTime).getTime()
    : version.sequencer === sequencer);

/** The version that a notification is about: told before, or only listed until now. The latest first in `known`. */
export function notifiedVersion<Version extends KnownVersion>(
  known: readonly Version[],
  notification: Pick<ObjectNotification, 'etag' | 'eventTime' | 'sequencer'>,
  eventId: string,
): Version | undefined {
  const { etag, eventTime } = notification;
  const timeMs = new Date(eventTime).getTime();
  return (
    known.find((version) => version.eventId === eventId || isRepeated(version, notification)) ??
    // A multipart upload's time in a listing may be that of its beginning, so only the lower bound is sure.
    known.find(
      (version) =>
        version.eventTime === null &&
        mayBe(version, etag) &&
        version.lastModified !== null &&
        timeMs >= version.lastModified.getTime() - TOLERANCE_MS,
    )
  );
}

/** The version that a listing shows; undefined if nobody told of it. The latest first in `known`. */
export function listedVersion<Version extends KnownVersion>(
  known: readonly Version[],
  { etag, lastModified }: ListedObject,
): Version | undefined {
  const listedMs = lastModified.getTime();
  return (
    known.find((version) => version.lastModified?.getTime() === listedMs && mayBe(version, etag)) ??
    known.find(
      (version) =>
        version.lastModified === null &&
        mayBe(version, etag) &&
        (version.eventTime?.getTime() ?? -Infinity) >= listedMs - TOLERANCE_MS,
    )
  );
}
