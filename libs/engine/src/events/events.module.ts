import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { InvocationsModule } from '../invocations/invocations.module.js';
import { TriggersModule } from '../triggers/triggers.module.js';
import { DeadLetterRepository } from './dead-letter.repository.js';
import { EventRepository } from './event.repository.js';
import { EventsService } from './events.service.js';
import { ExplanationsService } from './explanations.service.js';
import { TargetsService } from './targets.service.js';

@Module({
  imports: [ExecutionsModule, InvocationsModule, TriggersModule],
  providers: [DeadLetterRepository, EventRepository, EventsService, ExplanationsService, TargetsService],
  exports: [EventsService, ExplanationsService, TargetsService],
})
export class EventsModule {}
