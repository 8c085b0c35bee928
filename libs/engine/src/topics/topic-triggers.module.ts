import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { TriggersModule } from '../triggers/triggers.module.js';
import { BatchEndings } from './batch-endings.service.js';
import { BatchStarter } from './batch-starter.service.js';
import { TopicBatchesService } from './topic-batches.service.js';
import { TopicBatchRepository } from './topic-batch.repository.js';
import { TopicEventRepository } from './topic-event.repository.js';
import { IntakeSteps } from './intake-steps.service.js';
import { TopicIntakeService } from './topic-intake.service.js';
import { TopicGraves } from './topic-graves.service.js';
import { TopicOutcomesService } from './topic-outcomes.service.js';
import { TopicPlaceRepository } from './topic-place.repository.js';
import { PlaceFollowUps } from './place-follow-ups.service.js';
import { TopicPlacesService } from './topic-places.service.js';
import { TopicWorkService } from './topic-work.service.js';

/** What topic triggers do with messages. */
@Module({
  imports: [EventsModule, TriggersModule],
  providers: [
    BatchEndings,
    BatchStarter,
    IntakeSteps,
    PlaceFollowUps,
    TopicBatchRepository,
    TopicBatchesService,
    TopicEventRepository,
    TopicGraves,
    TopicIntakeService,
    TopicOutcomesService,
    TopicPlaceRepository,
    TopicPlacesService,
    TopicWorkService,
  ],
  exports: [TopicIntakeService, TopicPlacesService, TopicWorkService],
})
export class TopicTriggersModule {}
