import { Database } from '@app/common';
import {
  type CloudEvent,
  LISTED,
  listedVersion,
  notifiedVersion,
  OBJECT_CREATED,
  objectEvent,
  type ObjectEventData,
  type ObjectNotification,
} from '@app/events';
import { Injectable } from '@nestjs/common';
import { EventsService, type Ingested } from '../events/events.service.js';
import { WaitingTriggersService } from '../triggers/waiting-triggers.service.js';
import { LedgerRepository } from './ledger.repository.js';
import { ObjectEventsService } from './object-events.service.js';

/** An object as a listing and a look at its head show it. */
export interface FoundObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

const KNOWN: Ingested = { duplicate: true, started: [] };

/**
 * Merges what stores tell and what sweeps find, so that each version of an object is acted on exactly once. The
 * version's row and its event are written in one transaction, under a lock of the object's key.
 */
@Injectable()
export class LedgerService {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerRepository,
    private readonly events: EventsService,
    private readonly triggers: WaitingTriggersService,
    private readonly objectEvents: ObjectEventsService,
  ) {}

  /** When this resolves, the notification may be acknowledged. */
  async notified(namespace: string, notification: ObjectNotification): Promise<Ingested> {
    const told = objectEvent(notification);
    if (!told) return KNOWN;
    const event = await this.objectEvents.completed(namespace, await this.objectEvents.traced(told));
    return this.database.transaction(async () => {
      if (!(await this.isTracked(namespace, event))) return this.events.ingest(namespace, event);
      const { bucket, key, etag, versionId, sequencer, size } = notification;
      await this.ledger.lockKey(namespace, bucket, key);
      const known = notifiedVersion(await this.ledger.listVersions(namespace, bucket, [key]), notification, event.id);
      const eventTime = new Date(notification.eventTime);
      if (known) {
        await this.ledger.saveNotified(known.id, eventTime, sequencer);
        return KNOWN;
      }
      await this.ledger.insert({
        namespace,
        bucket,
        key,
        etag,
        versionId,
        sequencer,
        size,
        eventId: event.id,
        eventTime,
      });
      return this.events.ingest(namespace, event);
    });
  }

  /** As `notified`, in every namespace that has a trigger for it: the store knows of none. */
  async notifiedWhereAwaited(notification: ObjectNotification): Promise<void> {
    const event = objectEvent(notification);
    if (!event) return;
    for (const namespace of await this.triggers.namespacesAwaiting(event)) await this.notified(namespace, notification);
  }

  /**
   * Whether the version belongs into the ledger: somebody waits for it, or would if a sweep found it. A sweep does not
   * know how an object was made, so what a trigger refuses for that must be known to have been told of.
   */
  private async isTracked(namespace: string, event: CloudEvent<ObjectEventData>): Promise<boolean> {
    if (event.type !== OBJECT_CREATED) return false;
    const listed = { ...event, data: { ...event.data, eventName: LISTED } };
    return (
      (await this.triggers.listMatching(namespace, event)).length > 0 ||
      (await this.triggers.listMatching(namespace, listed)).length > 0
    );
  }

  /** Of a page of a listing, what nobody told of. */
  async unknown<Listed extends FoundObject>(
    namespace: string,
    bucket: string,
    page: readonly Listed[],
  ): Promise<Listed[]> {
    const versions = await this.ledger.listVersions(
      namespace,
      bucket,
      page.map(({ key }) => key),
    );
    const byKey = new Map<string, typeof versions>();
    for (const version of versions) byKey.set(version.key, [...(byKey.get(version.key) ?? []), version]);
    const [seen, unknown]: [{ id: string; lastModified: Date }[], Listed[]] = [[], []];
    for (const object of page) {
      const known = listedVersion(byKey.get(object.key) ?? [], object);
      if (!known) unknown.push(object);
      else if (!known.listedAt) seen.push({ id: known.id, lastModified: object.lastModified });
    }
    if (seen.length > 0) await this.ledger.saveListed(seen);
    return unknown;
  }

  /** Acts on an object that a sweep has found, unless a notification came meanwhile. True if it did. */
  async heal(namespace: string, bucket: string, object: FoundObject): Promise<boolean> {
    const { key, etag, size, lastModified } = object;
    const event = listedEvent(bucket, object);
    return this.database.transaction(async () => {
      await this.ledger.lockKey(namespace, bucket, key);
      const known = listedVersion(await this.ledger.listVersions(namespace, bucket, [key]), object);
      if (known || (await this.triggers.listMatching(namespace, event)).length === 0) return false;
      await this.ledger.insert({ namespace, bucket, key, etag, size, eventId: event.id, lastModified });
      const { duplicate } = await this.events.ingest(namespace, await this.objectEvents.traced(event));
      return !duplicate;
    });
  }
}

/** The event of an object that nobody told of; it has the same id in every sweep. */
export function listedEvent(bucket: string, { lastModified, ...facts }: FoundObject) {
  const sequencer = `listed-${lastModified.getTime()}`;
  return objectEvent({ ...facts, eventName: LISTED, bucket, sequencer, eventTime: lastModified })!;
}
