import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { ScheduleRepository } from './schedule.repository.js';
import { SchedulesService } from './schedules.service.js';

@Module({ imports: [EventsModule], providers: [ScheduleRepository, SchedulesService], exports: [SchedulesService] })
export class SchedulesModule {}
