import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { ActivitiesService } from '../activities/activities.service.js';
import { ActivityRepository } from '../activities/activity.repository.js';
import { WaitingParentsService } from '../child-workflows/waiting-parents.service.js';
import { FunctionsModule } from '../functions/functions.module.js';
import { WorkflowsModule } from '../workflows/workflows.module.js';
import { AdvanceService } from './advance.service.js';
import { CancellationsService } from './cancellations.service.js';
import { CommandHandlers } from './command-handlers.js';
import { DecisionsService } from './decisions.service.js';
import { ExecutionEndings } from './execution-endings.js';
import { ExecutionReader } from './execution.reader.js';
import { ExecutionRepository } from './execution.repository.js';
import { ExecutionsService } from './executions.service.js';
import { FollowUpsService } from './follow-ups.service.js';
import { FrameRepository } from './frame.repository.js';
import { HeartbeatRepository } from './heartbeat.repository.js';
import { HistoryRepository } from './history.repository.js';
import { KnownExecutions } from './known-executions.js';
import { Offers } from './offers.js';
import { TaskDispatchService } from './task-dispatch.service.js';
import { TimerRepository } from './timer.repository.js';
import { TimersService } from './timers.service.js';
import { TurnWriter } from './turn-writer.service.js';
import { TurnRepository } from './turn.repository.js';
import { TurnsService } from './turns.service.js';
import { WaitsService } from './waits.service.js';

@Module({
  imports: [QueueModule, FunctionsModule, WorkflowsModule],
  providers: [
    ActivitiesService,
    ActivityRepository,
    AdvanceService,
    CancellationsService,
    CommandHandlers,
    DecisionsService,
    ExecutionEndings,
    ExecutionReader,
    ExecutionRepository,
    ExecutionsService,
    FollowUpsService,
    FrameRepository,
    HeartbeatRepository,
    HistoryRepository,
    KnownExecutions,
    Offers,
    TaskDispatchService,
    TimerRepository,
    TimersService,
    TurnRepository,
    TurnWriter,
    TurnsService,
    WaitsService,
    WaitingParentsService,
  ],
  exports: [
    Offers,
    ActivitiesService,
    AdvanceService,
    CommandHandlers,
    ExecutionEndings,
    ExecutionReader,
    ExecutionRepository,
    ExecutionsService,
    FrameRepository,
    TimersService,
  ],
})
export class ExecutionsModule {}
