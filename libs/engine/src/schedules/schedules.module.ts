import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { TriggersModule } from '../triggers/triggers.module.js';
import { ScheduleRepository } from './schedule.repository.js';
import { SchedulesService } from './schedules.service.js';
import { TickBatchService } from './tick-batch.service.js';

@Module({
  imports: [EventsModule, TriggersModule],
  providers: [ScheduleRepository, SchedulesService, TickBatchService],
  exports: [SchedulesService],
})
export class SchedulesModule {}
