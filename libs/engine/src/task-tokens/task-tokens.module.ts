import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { TaskTokensService } from './task-tokens.service.js';

@Module({
  imports: [QueueModule, ExecutionsModule],
  providers: [TaskTokensService],
  exports: [TaskTokensService],
})
export class TaskTokensModule {}
