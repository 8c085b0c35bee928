import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { EventsModule } from '../events/events.module.js';
import { TriggersModule } from '../triggers/triggers.module.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  imports: [ApiKeysModule, EventsModule, TriggersModule],
  providers: [WebhooksService],
  exports: [WebhooksService],
})
export class WebhooksModule {}
