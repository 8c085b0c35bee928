import { Wakeups } from '@app/common';
import { Injectable } from '@nestjs/common';
import { type Task, TaskQueueRepository, TaskRepository } from '@app/queue';
import { TaskCompletionService } from './task-completion.service.js';

const LEASE_SECONDS = 30;

/** Ends tasks that took down, or lost, every executor that tried them; of others, gives back the places below a limit. */
@Injectable()
export class LostTasksService {
  constructor(
    private readonly queue: TaskQueueRepository,
    private readonly tasks: TaskRepository,
    private readonly completion: TaskCompletionService,
    private readonly wakeups: Wakeups,
  ) {}

  async failLost(limit: number): Promise<number> {
    const lost = await this.queue.claimLost(limit, LEASE_SECONDS);
    for (const task of lost) await this.fail(task);
    return lost.length;
  }

  /** Gives back how many may be claimed again. */
  async requeueLost(limit: number): Promise<number> {
    const count = await this.queue.requeueLost(limit);
    if (count > 0) this.wakeups.wake('tasks:function');
    return count;
  }

  private async fail(task: Task): Promise<void> {
    const cause = `All ${task.attempt} attempts were lost: each executor stopped reporting before it had a result`;
    await this.completion.fenced(
      task,
      () => this.tasks.hold(task),
      (held) => this.completion.fail(held, { error: 'Executor.Lost', cause }, { status: 'FAILED' }),
    );
  }
}
