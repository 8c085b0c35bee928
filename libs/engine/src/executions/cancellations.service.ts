import { Wakeups } from '@app/common';
import { type Task, TaskQueueRepository, TaskRepository } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { stopTask } from '../child-workflows/stop-task.js';
import type { Changes } from './changes.js';
import { FrameRepository } from './frame.repository.js';
import { TimerRepository } from './timer.repository.js';

/** Ends what nobody waits for any more: frames, tasks, timers, and the executions that tasks had started. */
@Injectable()
export class CancellationsService {
  constructor(
    private readonly frames: FrameRepository,
    private readonly timers: TimerRepository,
    private readonly tasks: TaskRepository,
    private readonly queue: TaskQueueRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Within the transaction that has written the changes. */
  async follow(changes: Changes): Promise<void> {
    const cancelled = await this.cancel(changes);
    for (const { executorId } of cancelled) if (executorId) this.wakeups.wake(`executor:${executorId}`);
    const stops = cancelled.filter(({ kind }) => kind === 'workflow').map(stopTask);
    if (stops.length === 0) return;
    await this.queue.insert(stops);
    this.wakeups.wake('tasks:stop');
  }

  private async cancel({ execution: { id }, timedOut, stoppedBelow, ending }: Changes): Promise<Task[]> {
    const cancelled = await this.tasks.cancelSteps(id, timedOut, 'TIMED_OUT');
    for (const parent of stoppedBelow) {
      const frameIds = await this.frames.abortBelow(id, parent);
      cancelled.push(...(await this.tasks.cancelFrames(id, frameIds)));
      await this.timers.deleteFrames(id, frameIds);
    }
    return ending ? [...cancelled, ...(await this.tasks.cancelExecution(id))] : cancelled;
  }
}
