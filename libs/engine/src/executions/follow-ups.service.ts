import { Wakeups } from '@app/common';
import { type Task, TaskRepository } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import { ExecutionEndings } from './execution-endings.js';
import { FrameRepository } from './frame.repository.js';
import { TimerRepository } from './timer.repository.js';

/** What follows from changes beside their rows: others to end, listeners to tell, and who should look. */
@Injectable()
export class FollowUpsService {
  constructor(
    private readonly frames: FrameRepository,
    private readonly timers: TimerRepository,
    private readonly tasks: TaskRepository,
    private readonly endings: ExecutionEndings,
    private readonly wakeups: Wakeups,
  ) {}

  /** Whether more than the rows is to be written. An execution that succeeds has nothing open any more. */
  isNeeded({ execution, ending, timedOut, stoppedBelow, afterwards }: Changes): boolean {
    if (timedOut.length + stoppedBelow.length + afterwards.length > 0) return true;
    return ending !== undefined && (ending.status !== 'SUCCEEDED' || this.endings.isAwaited(execution));
  }

  /** Within the transaction that has written the changes. */
  async save(batch: readonly Changes[]): Promise<void> {
    for (const changes of batch) {
      for (const { executorId } of await this.cancel(changes)) {
        if (executorId) this.wakeups.wake(`executor:${executorId}`);
      }
      for (const work of changes.afterwards) await work();
    }
    const ended = batch.flatMap(({ execution, ending }) => (ending ? [{ execution, ending }] : []));
    if (ended.length > 0) await this.endings.tell(ended);
  }

  hint(batch: readonly Changes[]): void {
    const topics = new Set<string>();
    for (const { execution, timers, tasks, ending } of batch) {
      topics.add(`execution:${execution.id}`);
      if (ending) topics.add(`ended:${execution.id}`);
      if (timers.length > 0) topics.add('timers');
      for (const { kind, lease } of tasks) if (!lease) topics.add(`tasks:${kind}`);
    }
    for (const topic of topics) this.wakeups.wake(topic);
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
