import { Module } from '@nestjs/common';
import { AsynchronousModule } from '../asynchronous/asynchronous.module.js';
import { DeadLetterRepository } from '../events/dead-letter.repository.js';
import { ExecutionsModule } from '../executions/executions.module.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { InvocationsModule } from '../invocations/invocations.module.js';
import { TopicsModule } from '../topics/topics.module.js';
import { DestinationRepository } from './destination.repository.js';
import { DestinationRecords } from './destination-records.js';
import { DestinationTargets } from './destination-targets.js';
import { DestinationsService } from './destinations.service.js';

@Module({
  imports: [AsynchronousModule, ExecutionsModule, FunctionsModule, InvocationsModule, TopicsModule],
  providers: [DeadLetterRepository, DestinationRecords, DestinationRepository, DestinationTargets, DestinationsService],
  exports: [DestinationsService, DestinationTargets],
})
export class DestinationsModule {}
