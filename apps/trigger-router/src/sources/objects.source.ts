import { StoreNotificationsService } from '@app/engine';
import { type ObjectNotification, ObjectNotifications } from '@app/object-store';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

/** Listens to the object store. A notification is given back to the store as done only when its event is committed. */
@Injectable()
export class ObjectsSource implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ObjectsSource.name);
  private readonly stopping = new AbortController();
  private listening: Promise<void> | undefined;

  constructor(
    private readonly notifications: ObjectNotifications,
    private readonly store: StoreNotificationsService,
  ) {}

  onApplicationBootstrap(): void {
    this.listening = this.notifications
      .listen((notification) => this.receive(notification), this.stopping.signal)
      .catch((error: unknown) => this.logger.error(`Cannot listen to the object store: ${String(error)}`));
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.listening;
  }

  private async receive(notification: ObjectNotification): Promise<void> {
    await this.store.take(notification);
  }
}
