import { Logger } from '@nestjs/common';
import { InOrderDelivery } from '../../in-order-delivery.js';
import { type Deliver, type ObjectNotification, ObjectNotifications } from '../../object-notifications.js';
import type { Journal } from './journal.js';
import type { Sequencer } from './sequencer.js';
import { keyOf } from './undelivered.js';

export interface Watcher {
  tell(notification: ObjectNotification): void;
  /** There will be no more. */
  end(): void;
}

/**
 * The embedded server's notifications: on disk until delivered, whether anybody listens or not.
 * Undelivered ones are in memory too, about 500 bytes each.
 */
export class EmbeddedNotifications extends ObjectNotifications {
  private readonly logger = new Logger(EmbeddedNotifications.name);
  private readonly delivery = new InOrderDelivery<ObjectNotification>();
  private readonly watchers = new Set<Watcher>();

  constructor(
    private readonly journal: Journal,
    private readonly sequencer: Sequencer,
  ) {
    super();
  }

  override listen(deliver: Deliver, signal: AbortSignal): Promise<void> {
    return this.delivery.run(async (notification) => {
      try {
        await deliver(notification);
      } catch (error) {
        this.logger.warn(`${notification.eventName} of ${keyOf(notification)} comes again: ${error}`);
        throw error;
      }
      await this.journal.remove(notification);
    }, signal);
  }

  nextSequencer(): string {
    return this.sequencer.next();
  }

  /** Before the change it tells of. */
  record(notification: ObjectNotification): Promise<void> {
    return this.journal.write(notification);
  }

  /** The change was not made. */
  forget(notification: ObjectNotification): Promise<void> {
    return this.journal.remove(notification);
  }

  /** After the change. */
  offer(notification: ObjectNotification): void {
    this.delivery.add(keyOf(notification), notification);
    for (const watcher of this.watchers) watcher.tell(notification);
  }

  /** Changes from now on, told once and not kept. Gives what ends it. */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  endWatching(): void {
    for (const watcher of this.watchers) watcher.end();
  }
}
