import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/executions.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { CallRecordRepository } from './call-record.repository.js';
import { CallRecordsService } from './call-records.service.js';
import { LanesService } from './lanes.service.js';
import { LargeCallValues } from './large-call-values.js';

@Module({
  imports: [ExecutionsModule, TasksModule],
  providers: [CallRecordRepository, CallRecordsService, LanesService, LargeCallValues],
  exports: [CallRecordsService, LanesService],
})
export class FastLaneModule {}
