import { isStorable } from '@app/common';
import { EventsService, LedgerService } from '@app/engine';
import { fromStoreNotification } from '@app/events';
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
  constructor(
    private readonly events: EventsService,
    private readonly ledger: LedgerService,
  ) {}

  @Post('s3')
  @Operation({
    summary: "Takes an object store's notifications",
    description:
      'When it answers 200, the events and what they start are stored. A notification may come any number of times.',
    answer: taken,
  })
  async s3(@Namespace() namespace: string, @Body({ schema: notification }) body: unknown) {
    const { notifications, rejected, ignored } = fromStoreNotification(body, new Date().toISOString());
    let duplicates = 0;
    for (const one of notifications) {
      if ((await this.ledger.notified(namespace, one)).duplicate) duplicates += 1;
    }
    // A refusal would make the store send it again and again, and hold up what stands behind it.
    for (const { pointer, message, record } of rejected) {
      const payload = isStorable(record) ? record : JSON.stringify(record).slice(0, 10_000);
      await this.events.quarantine(namespace, payload, `${pointer || '(body)'}: ${message}`);
    }
    const accepted = notifications.length - duplicates;
    return { accepted, duplicates, ignored: ignored.length, quarantined: rejected.length };
  }
}
