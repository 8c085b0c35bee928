import { InvalidRequest } from '@app/common';
import { EventsService } from '@app/engine';
import { fromS3Notification, objectEvent } from '@app/events';
import { Body, Controller, Post } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { Namespace } from '../shell/caller.decorator.js';

const notification = z.json().meta({
  id: 'S3Notification',
  description: "What an S3 store sends: AWS's records, as MinIO, RustFS and Ceph send them too",
});

const taken = z.object({ accepted: z.int(), duplicates: z.int(), ignored: z.int() }).meta({
  id: 'TakenNotifications',
  description: 'How many records were new, known before, or not about objects coming or going',
});

@Controller('v1/hooks')
export class HooksController {
  constructor(private readonly events: EventsService) {}

  @Post('s3')
  @Operation({
    summary: "Takes an object store's notifications",
    description:
      'When it answers 200, the events and what they start are stored. A notification may come any number of times.',
    answer: taken,
  })
  async s3(@Namespace() namespace: string, @Body({ schema: notification }) body: unknown) {
    const { notifications, rejected, ignored } = fromS3Notification(body);
    // What is good counts, whatever stands beside it; the sender comes again with all of it, which changes nothing.
    let duplicates = 0;
    for (const one of notifications) {
      const event = objectEvent(one);
      if (!event || (await this.events.ingest(namespace, event)).duplicate) duplicates += 1;
    }
    if (rejected.length > 0) throw new InvalidRequest(rejected.map(({ pointer, message }) => ({ pointer, message })));
    return { accepted: notifications.length - duplicates, duplicates, ignored: ignored.length };
  }
}
