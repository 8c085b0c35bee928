import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { FunctionsModule } from '../functions/functions.module.js';
import { LogsModule } from '../logs/logs.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { NewInvocations } from './new-invocations.js';
import { InvocationsService } from './invocations.service.js';

@Module({
  imports: [QueueModule, FunctionsModule, LogsModule, TasksModule],
  providers: [InvocationsService, NewInvocations],
  exports: [InvocationsService],
})
export class InvocationsModule {}
