import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { TasksModule } from '../tasks/tasks.module.js';
import { PublishTasksService } from './publish-tasks.service.js';
import { TopicsService } from './topics.service.js';

@Module({
  imports: [QueueModule, TasksModule],
  providers: [PublishTasksService, TopicsService],
  exports: [PublishTasksService, TopicsService],
})
export class TopicsModule {}
