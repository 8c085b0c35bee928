import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { TasksModule } from '../tasks/tasks.module.js';
import { CachedCopiesService } from './cached-copies.service.js';
import { CachedResultsService } from './cached-results.service.js';
import { ResultCacheModule } from './result-cache.module.js';

@Module({
  imports: [QueueModule, ResultCacheModule, TasksModule],
  providers: [CachedCopiesService, CachedResultsService],
  exports: [CachedResultsService],
})
export class CachedResultsModule {}
