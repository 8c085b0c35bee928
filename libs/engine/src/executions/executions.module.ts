import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { FunctionsModule } from '../functions/functions.module.js';
import { WorkflowsModule } from '../workflows/workflows.module.js';
import { AdvanceService } from './advance.service.js';
import { ExecutionStore } from './execution-store.js';
import { ExecutionReader } from './execution.reader.js';
import { ExecutionRepository } from './execution.repository.js';
import { ExecutionsService } from './executions.service.js';
import { FollowUpsService } from './follow-ups.service.js';
import { FrameRepository } from './frame.repository.js';
import { HistoryRepository } from './history.repository.js';
import { TaskDispatchService } from './task-dispatch.service.js';
import { TimerRepository } from './timer.repository.js';
import { TimersService } from './timers.service.js';

@Module({
  imports: [QueueModule, FunctionsModule, WorkflowsModule],
  providers: [
    AdvanceService,
    ExecutionReader,
    ExecutionRepository,
    ExecutionStore,
    ExecutionsService,
    FollowUpsService,
    FrameRepository,
    HistoryRepository,
    TaskDispatchService,
    TimerRepository,
    TimersService,
  ],
  exports: [AdvanceService, ExecutionReader, ExecutionsService, TimersService],
})
export class ExecutionsModule {}
