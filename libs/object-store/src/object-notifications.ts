/** One change of one object, as stores tell it. */
export interface ObjectNotification {
  /** `ObjectCreated:Put`, `ObjectRemoved:Delete`, … as in AWS's event records: without the `s3:` of the filters. */
  readonly eventName: string;
  readonly bucket: string;
  readonly key: string;
  readonly size?: number;
  readonly etag?: string;
  readonly versionId?: string;
  /** Of one key, a later change has the greater one (compared as text of equal length). The same in a redelivery. */
  readonly sequencer: string;
  /** ISO 8601. */
  readonly eventTime: string;
  readonly contentType?: string;
}

export type Deliver = (notification: ObjectNotification) => Promise<void>;

/** What happens to objects, as it happens: at least once, in order per key. */
export abstract class ObjectNotifications {
  /**
   * Hands every notification to `deliver` until `signal` aborts, then waits for those in hand. One is forgotten
   * only after `deliver` resolved; a rejected one comes again later. Up to 16 are delivered at a time.
   */
  abstract listen(deliver: Deliver, signal: AbortSignal): Promise<void>;
}
