import { StoreNotificationsService } from '@app/engine';
import { Body, Controller, Post } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';

const notification = z.json().meta({
  id: 'S3Notification',
  description: "What an S3 store sends: AWS's records, as MinIO, RustFS and Ceph send them too",
});

const taken = z.object({ accepted: z.int(), duplicates: z.int(), ignored: z.int(), quarantined: z.int() }).meta({
  id: 'TakenNotifications',
  description:
    'How many records were new, known before, not about objects coming or going, or not to be read: those are in the dead letters',
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
    return this.notifications.takeBody(body, namespace);
  }
}
