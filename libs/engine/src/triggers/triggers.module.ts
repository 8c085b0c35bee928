import { Module } from '@nestjs/common';
import { FunctionsModule } from '../functions/functions.module.js';
import { WorkflowsModule } from '../workflows/workflows.module.js';
import { DeployedSelvesService } from './self/deployed-selves.service.js';
import { SelfTriggersService } from './self/self-triggers.service.js';
import { NextTickRepository } from './next-tick.repository.js';
import { TriggerRevisionRepository } from './trigger-revision.repository.js';
import { TriggersService } from './triggers.service.js';
import { WaitingTriggersService } from './waiting-triggers.service.js';

@Module({
  imports: [FunctionsModule, WorkflowsModule],
  providers: [
    NextTickRepository,
    DeployedSelvesService,
    SelfTriggersService,
    TriggerRevisionRepository,
    TriggersService,
    WaitingTriggersService,
  ],
  exports: [TriggerRevisionRepository, TriggersService, WaitingTriggersService],
})
export class TriggersModule {}
