import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { FunctionsModule } from '../functions/functions.module.js';
import { InvocationsModule } from '../invocations/invocations.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { AsynchronousCallsService } from './asynchronous-calls.service.js';
import { AsynchronousEndings } from './asynchronous-endings.js';
import { EventInvokeConfigRepository } from './event-invoke-config.repository.js';

@Module({
  imports: [FunctionsModule, InvocationsModule, QueueModule, TasksModule],
  providers: [AsynchronousCallsService, AsynchronousEndings, EventInvokeConfigRepository],
  exports: [AsynchronousCallsService],
})
export class AsynchronousModule {}
