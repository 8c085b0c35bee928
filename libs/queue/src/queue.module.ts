import { Module } from '@nestjs/common';
import { TaskQueueRepository } from './task-queue.repository.js';
import { TaskRepository } from './task.repository.js';

@Module({ providers: [TaskQueueRepository, TaskRepository], exports: [TaskQueueRepository, TaskRepository] })
export class QueueModule {}
