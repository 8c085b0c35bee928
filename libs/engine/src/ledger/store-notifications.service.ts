import { isStorable, storableText } from '@app/common';
import { changeOf, fromStoreNotification, type ObjectNotification } from '@app/events';
import { Injectable } from '@nestjs/common';
import { EventsService } from '../events/events.service.js';
import { MarkersService } from '../events/markers.service.js';
import { LedgerService } from './ledger.service.js';

export interface TakenNotifications {
  readonly accepted: number;
  readonly duplicates: number;
  readonly ignored: number;
  readonly quarantined: number;
}

/** A body of millions of records that are none would else be millions of rows. */
const MAX_LETTERS = 100;

const UNSTORABLE = '(body): must not contain NUL or half of a surrogate pair';

/** What object stores tell, in whichever way it comes. */
@Injectable()
export class StoreNotificationsService {
  constructor(
    private readonly ledger: LedgerService,
    private readonly markers: MarkersService,
    private readonly events: EventsService,
  ) {}

  /** For every namespace that waits for it. When this resolves, the notification may be acknowledged. */
  async take(notification: ObjectNotification): Promise<void> {
    if (!isStorable(notification)) return this.quarantine(notification, UNSTORABLE);
    await this.ledger.notifiedWhereAwaited(notification);
    await this.tellWaiting(notification);
  }

  /** As a store sent it, for the sender's namespace alone, or without one for all. What cannot be read is kept. */
  async takeBody(body: unknown, namespace?: string): Promise<TakenNotifications> {
    const { notifications, rejected, ignored } = fromStoreNotification(body, new Date().toISOString());
    let duplicates = 0;
    for (const one of notifications) {
      if (namespace === undefined) await this.take(one);
      else if (await this.isKnown(namespace, one)) duplicates += 1;
    }
    // With what can be read stored, so that a bad record blocks nothing that stands behind it.
    for (const { pointer, message, record } of rejected.slice(0, MAX_LETTERS)) {
      await this.quarantine(record, `${pointer || '(body)'}: ${message}`, namespace);
    }
    const more = rejected.slice(MAX_LETTERS).map(({ record }) => record);
    if (more.length > 0) await this.quarantine(more, `${more.length} more records that cannot be read`, namespace);
    const accepted = notifications.length - duplicates;
    return { accepted, duplicates, ignored: ignored.length, quarantined: rejected.length };
  }

  /** Of a store that all namespaces share, the first one keeps it. */
  async quarantine(record: unknown, cause: string, namespace = 'default'): Promise<void> {
    const payload = isStorable(record) ? record : storableText(JSON.stringify(record).slice(0, 10_000));
    await this.events.quarantine(namespace, payload, cause);
  }

  private async isKnown(namespace: string, notification: ObjectNotification): Promise<boolean> {
    const { duplicate } = await this.ledger.notified(namespace, notification);
    await this.tellWaiting(notification);
    return duplicate;
  }

  private async tellWaiting({ eventName, bucket, key }: ObjectNotification): Promise<void> {
    if (changeOf(eventName) === 'created') await this.markers.came(bucket, key);
  }
}
