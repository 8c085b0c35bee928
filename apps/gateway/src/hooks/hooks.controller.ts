import { StoreNotificationsService } from '@app/engine';
import { Body, Controller, Post } from '@nestjs/common';
import { z } from 'zod';
import { subscriptionUrl } from '@app/events';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';
import { confirmSubscription } from './confirm-subscription.js';

const notification = z.json().meta({
  id: 'S3Notification',
  description: "What an S3 store sends: AWS's records, as MinIO, RustFS and Ceph send them too",
});

const taken = z
  .object({ accepted: z.int(), duplicates: z.int(), ignored: z.int(), quarantined: z.int(), confirmed: z.int() })
  .meta({
    id: 'TakenNotifications',
    description:
      'How many records were new, known before, not about objects coming or going, or not to be read: those are in the dead letters; and whether a subscription of SNS was confirmed',
  });

@Controller('v1/hooks')
export class HooksController {
  constructor(private readonly notifications: StoreNotificationsService) {}

  @Post('s3')
  @Operation({
    summary: "Takes an object store's notifications",
    description:
      'When it answers 200, the events and what they start are stored. A notification may come any number of times.',
    answer: taken,
  })
  async s3(@Namespace() namespace: string, @Body({ schema: notification }) body: unknown) {
    const url = subscriptionUrl(body);
    if (url === undefined) return { ...(await this.notifications.takeBody(body, namespace)), confirmed: 0 };
    await confirmSubscription(url);
    return { accepted: 0, duplicates: 0, ignored: 0, quarantined: 0, confirmed: 1 };
  }
}
