import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { DeadLetterRepository } from '../events/dead-letter.repository.js';
import { LineageModule } from '../lineage/lineage.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { PublishTasksService } from './publish-tasks.service.js';
import { TopicsService } from './topics.service.js';

@Module({
  imports: [LineageModule, QueueModule, TasksModule],
  providers: [DeadLetterRepository, PublishTasksService, TopicsService],
  exports: [PublishTasksService, TopicsService],
})
export class TopicsModule {}
