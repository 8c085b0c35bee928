import { Module } from '@nestjs/common';
import { NextTickRepository } from './next-tick.repository.js';
import { TriggerRevisionRepository } from './trigger-revision.repository.js';
import { TriggersService } from './triggers.service.js';
import { WaitingTriggersService } from './waiting-triggers.service.js';

@Module({
  providers: [NextTickRepository, TriggerRevisionRepository, TriggersService, WaitingTriggersService],
  exports: [TriggersService, WaitingTriggersService],
})
export class TriggersModule {}
