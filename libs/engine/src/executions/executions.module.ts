import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { ActivityRepository } from '../activities/activity.repository.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { WorkflowsModule } from '../workflows/workflows.module.js';
import { AdvanceService } from './advance.service.js';
import { ExecutionStore } from './execution-store.js';
import { ExecutionReader } from './execution.reader.js';
import { ExecutionRepository } from './execution.repository.js';
import { ExecutionsService } from './executions.service.js';
import { FollowUpsService } from './follow-ups.service.js';
import { FrameRepository } from './frame.repository.js';
import { HeartbeatRepository } from './heartbeat.repository.js';
import { HistoryRepository } from './history.repository.js';
import { TaskDispatchService } from './task-dispatch.service.js';
import { TimerRepository } from './timer.repository.js';
import { TimersService } from './timers.service.js';

@Module({
  imports: [QueueModule, FunctionsModule, WorkflowsModule],
  providers: [
    ActivityRepository,
    AdvanceService,
    ExecutionReader,
    ExecutionRepository,
    ExecutionStore,
    ExecutionsService,
    FollowUpsService,
    FrameRepository,
    HeartbeatRepository,
    HistoryRepository,
    TaskDispatchService,
    TimerRepository,
    TimersService,
  ],
  exports: [ActivityRepository, AdvanceService, ExecutionReader, ExecutionsService, TimersService],
})
export class ExecutionsModule {}
