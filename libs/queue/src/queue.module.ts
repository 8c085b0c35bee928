import { Module } from '@nestjs/common';
import { ActivityTaskRepository } from './activity-task.repository.js';
import { ParkedTaskRepository } from './parked-task.repository.js';
import { TaskQueueRepository } from './task-queue.repository.js';
import { TaskRepository } from './task.repository.js';
import { TokenTaskRepository } from './token-task.repository.js';

const repositories = [
  ActivityTaskRepository,
  ParkedTaskRepository,
  TaskQueueRepository,
  TaskRepository,
  TokenTaskRepository,
];

@Module({ providers: repositories, exports: repositories })
export class QueueModule {}
