import { once } from 'node:events';
import { LedgerModule, SweepsService, TriggersModule, TriggersService } from '@app/engine';
import { type Deliver, MinioObjectNotifications, ObjectNotifications } from '@app/object-store';
import { type DynamicModule, Global, Logger, Module } from '@nestjs/common';
import type { TriggerRouterConfig } from '../config.js';
import { OBJECT_TOPIC, ObjectTopicSource } from './object-topic.source.js';

type NotificationsConfig = Pick<TriggerRouterConfig, 'notifications' | 'notificationsTopic' | 's3'>;

/** Where the store itself posts to the gateway, or publishes to a topic, there is nothing to listen to. */
class NoNotifications extends ObjectNotifications {
  override async listen(_deliver: Deliver, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await once(signal, 'abort');
  }
}

/** How a router of its own process learns what happens in an S3 store that is not ours. */
@Global()
@Module({})
export class NotificationsModule {
  static forRoot(config: NotificationsConfig): DynamicModule {
    const { notifications, notificationsTopic: topic, s3 } = config;
    const listening = {
      provide: ObjectNotifications,
      inject: [TriggersService, SweepsService],
      useFactory: (triggers: TriggersService, sweeps: SweepsService) =>
        new MinioObjectNotifications({
          ...s3,
          buckets: () => bucketsOf(triggers),
          onConnected: (bucket) => sweepFor(sweeps, bucket),
        }),
    };
    const none = { provide: ObjectNotifications, useClass: NoNotifications };
    return {
      module: NotificationsModule,
      imports: [LedgerModule, TriggersModule],
      providers: [
        notifications === 'listen' ? listening : none,
        ...(notifications === 'topic' ? [{ provide: OBJECT_TOPIC, useValue: topic }, ObjectTopicSource] : []),
      ],
      exports: [ObjectNotifications],
    };
  }
}

/** Only what somebody waits for. */
async function bucketsOf(triggers: TriggersService): Promise<string[]> {
  const found = await triggers.listEnabled('object');
  return [...new Set(found.map(({ source }) => source.bucket))];
}

/** What happened while nobody listened is found by a sweep, at once. Should that fail, the next one comes by itself. */
function sweepFor(sweeps: SweepsService, bucket: string): void {
  sweeps
    .hastenEverywhere(bucket)
    .catch((error: unknown) => logger.warn(`Cannot hasten a sweep of ${bucket}: ${error}`));
}

const logger = new Logger('Notifications');
