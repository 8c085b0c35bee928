import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
import { ChildRepository } from '../child-workflows/child.repository.js';
import { ChildWorkflowsService } from '../child-workflows/child-workflows.service.js';
import { StoppedChildrenService } from '../child-workflows/stopped-children.service.js';
import { ExecutionsModule } from '../executions/executions.module.js';
import { ObjectTasksService } from '../object-tasks/object-tasks.service.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { RouterTasksService } from './router-tasks.service.js';

@Module({
  imports: [QueueModule, ExecutionsModule, TasksModule],
  providers: [ChildRepository, ChildWorkflowsService, ObjectTasksService, RouterTasksService, StoppedChildrenService],
  exports: [RouterTasksService],
})
export class RouterTasksModule {}
