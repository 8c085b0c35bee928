import { once } from 'node:events';
import { TriggersModule, TriggersService } from '@app/engine';
import { type Deliver, MinioObjectNotifications, ObjectNotifications } from '@app/object-store';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { TriggerRouterConfig } from '../config.js';

/** Where the store itself posts to the gateway there is nothing to listen to. */
class NoNotifications extends ObjectNotifications {
  override async listen(_deliver: Deliver, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await once(signal, 'abort');
  }
}

/** How a router of its own process learns what happens in an S3 store that is not ours. */
@Global()
@Module({})
export class NotificationsModule {
  static forRoot({ notifications, s3 }: Pick<TriggerRouterConfig, 'notifications' | 's3'>): DynamicModule {
    const listening = {
      provide: ObjectNotifications,
      inject: [TriggersService],
      useFactory: (triggers: TriggersService) =>
        new MinioObjectNotifications({ ...s3, buckets: () => bucketsOf(triggers) }),
    };
    const none = { provide: ObjectNotifications, useClass: NoNotifications };
    return {
      module: NotificationsModule,
      imports: [TriggersModule],
      providers: [notifications === 'listen' ? listening : none],
      exports: [ObjectNotifications],
    };
  }
}

/** Only what somebody waits for. */
async function bucketsOf(triggers: TriggersService): Promise<string[]> {
  const found = await triggers.listEnabled('object');
  return [...new Set(found.map(({ source }) => source.bucket))];
}
