import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { FastLaneModule } from '../fast-lane/fast-lane.module.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { LogsModule } from '../logs/logs.module.js';
import { PlacementModule } from '../placement/placement.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { CallsService } from './calls.service.js';
import { NewInvocations } from './new-invocations.js';
import { InvocationsService } from './invocations.service.js';
import { StoredCalls } from './stored-calls.js';

@Module({
  imports: [QueueModule, FastLaneModule, FunctionsModule, LogsModule, PlacementModule, TasksModule],
  providers: [CallsService, InvocationsService, NewInvocations, StoredCalls],
  exports: [CallsService, InvocationsService],
})
export class InvocationsModule {}
