import { type Task, TaskRepository } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { ExecutionsService } from '../executions/executions.service.js';
import { TaskCompletionService } from '../tasks/task-completion.service.js';
import { ChildRepository } from './child.repository.js';

/** Ends the children of states that were stopped or timed out while they waited for them. */
@Injectable()
export class StoppedChildrenService {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly children: ChildRepository,
    private readonly tasks: TaskRepository,
    private readonly completion: TaskCompletionService,
  ) {}

  async run(task: Task): Promise<void> {
    const { taskId } = task.payload as { taskId: string };
    const childId = await this.children.findId(taskId);
    if (childId !== undefined) {
      const failure = { error: 'States.TaskFailed', cause: 'The state that waited for it was stopped or timed out' };
      await this.executions.stop(task.namespace, childId, failure);
    }
    await this.completion.fenced(
      task,
      () => this.tasks.hold(task),
      (held) => this.completion.succeed(held, null),
    );
  }
}
