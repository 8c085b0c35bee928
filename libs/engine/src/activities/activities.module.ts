import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { ActivitiesService } from './activities.service.js';
import { ActivityTasksService } from './activity-tasks.service.js';

@Module({
  imports: [QueueModule, ExecutionsModule],
  providers: [ActivitiesService, ActivityTasksService],
  exports: [ActivitiesService, ActivityTasksService],
})
export class ActivitiesModule {}
