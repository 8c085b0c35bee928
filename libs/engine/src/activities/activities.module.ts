import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { ActivityTasksService } from './activity-tasks.service.js';

@Module({
  imports: [QueueModule, ExecutionsModule],
  providers: [ActivityTasksService],
  exports: [ActivityTasksService],
})
export class ActivitiesModule {}
