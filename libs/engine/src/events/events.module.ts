import { Module } from '@nestjs/common';
import { AsynchronousModule } from '../asynchronous/asynchronous.module.js';
import { DestinationsModule } from '../destinations/destinations.module.js';
import { ExecutionsModule } from '../executions/executions.module.js';
import { InvocationsModule } from '../invocations/invocations.module.js';
import { TopicMessageRepository } from '../topics/topic-message.repository.js';
import { TopicQueueService } from '../topics/topic-queue.service.js';
import { TriggersModule } from '../triggers/triggers.module.js';
import { DeadCalls } from './dead-calls.js';
import { DeadLetterRepository } from './dead-letter.repository.js';
import { DeadLettersService } from './dead-letters.service.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryRepository } from './delivery.repository.js';
import { EventRepository } from './event.repository.js';
import { EventsService } from './events.service.js';
import { ExplanationsService } from './explanations.service.js';
import { MarkersService } from './markers.service.js';
import { ReplaysService } from './replays.service.js';
import { SettlingRepository } from './settling.repository.js';
import { SettlingService } from './settling.service.js';
import { StartsService } from './starts.service.js';
import { TargetsService } from './targets.service.js';

@Module({
  imports: [AsynchronousModule, DestinationsModule, ExecutionsModule, InvocationsModule, TriggersModule],
  providers: [
    DeadCalls,
    DeadLetterRepository,
    DeadLettersService,
    DeliveriesService,
    DeliveryRepository,
    EventRepository,
    EventsService,
    ExplanationsService,
    MarkersService,
    ReplaysService,
    SettlingRepository,
    SettlingService,
    StartsService,
    TargetsService,
    TopicMessageRepository,
    TopicQueueService,
  ],
  exports: [
    DeadLetterRepository,
    DeadLettersService,
    DeliveriesService,
    DeliveryRepository,
    EventRepository,
    EventsService,
    ExplanationsService,
    MarkersService,
    ReplaysService,
    SettlingService,
    TargetsService,
    TopicMessageRepository,
    TopicQueueService,
  ],
})
export class EventsModule {}
