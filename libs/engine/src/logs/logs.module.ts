import { Module } from '@nestjs/common';
import { TasksModule } from '../tasks/tasks.module.js';
import { LogArchiveRepository } from './log-archive.repository.js';
import { LogsService } from './logs.service.js';

@Module({ imports: [TasksModule], providers: [LogArchiveRepository, LogsService], exports: [LogsService] })
export class LogsModule {}
