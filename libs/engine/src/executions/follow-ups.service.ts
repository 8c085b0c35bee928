import { Wakeups } from '@app/common';
import { type Task, TaskQueueRepository, TaskRepository } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import { FrameRepository } from './frame.repository.js';
import { TimerRepository } from './timer.repository.js';

/** What follows from a change: tasks and timers to start, others to end, and who should look. */
@Injectable()
export class FollowUpsService {
  constructor(
    private readonly frames: FrameRepository,
    private readonly timers: TimerRepository,
    private readonly queue: TaskQueueRepository,
    private readonly tasks: TaskRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Within the transaction that saves the change, after the frames. */
  async save(changes: Changes): Promise<void> {
    const { id } = changes.execution;
    await this.timers.deletePassed(id, changes.passed);
    await this.timers.insert(id, changes.timers);
    await this.queue.insert(changes.tasks);
    for (const { executorId } of await this.cancel(changes)) {
      if (executorId) this.wakeups.wake(`executor:${executorId}`);
    }
    this.hint(changes);
  }

  private async cancel(changes: Changes): Promise<Task[]> {
    const { id } = changes.execution;
    const cancelled = await this.tasks.cancelSteps(id, changes.timedOut, 'TIMED_OUT');
    for (const parent of changes.stoppedBelow) {
      const frameIds = await this.frames.abortBelow(id, parent);
      cancelled.push(...(await this.tasks.cancelFrames(id, frameIds)));
      await this.timers.deleteFrames(id, frameIds);
    }
    if (!changes.ending) return cancelled;
    await this.timers.deleteAll(id);
    return [...cancelled, ...(await this.tasks.cancelExecution(id))];
  }

  private hint({ execution, timers, tasks }: Changes): void {
    this.wakeups.wake(`execution:${execution.id}`);
    if (timers.length > 0) this.wakeups.wake('timers');
    for (const kind of new Set(tasks.map((task) => task.kind))) this.wakeups.wake(`tasks:${kind}`);
  }
}
