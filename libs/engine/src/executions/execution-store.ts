import { Wakeups } from '@app/common';
import { TaskQueueRepository, TaskRepository, type Task } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { Changes } from './changes.js';
import { ExecutionRepository } from './execution.repository.js';
import { FrameRepository } from './frame.repository.js';
import { HistoryRepository } from './history.repository.js';
import { TimerRepository } from './timer.repository.js';

/** Writes what a step of an execution changed: the frames, and everything that follows from them. */
@Injectable()
export class ExecutionStore {
  constructor(
    private readonly executions: ExecutionRepository,
    private readonly frames: FrameRepository,
    private readonly history: HistoryRepository,
    private readonly timers: TimerRepository,
    private readonly queue: TaskQueueRepository,
    private readonly tasks: TaskRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Within the caller's transaction, which holds the execution's row. */
  async save(changes: Changes): Promise<void> {
    const { id } = changes.execution;
    await this.frames.insert(id, [...changes.created.values()]);
    await this.frames.save(id, [...changes.changed.values()]);
    await this.history.insert(id, changes.history);
    await this.timers.deletePassed(id, changes.passed);
    await this.timers.insert(id, changes.timers);
    await this.queue.insert(changes.tasks);
    await this.cancel(changes);
    if (changes.ending) await this.executions.end(id, changes.ending);
    const { nextFrameId, nextHistoryId } = changes.counters;
    await this.executions.saveCounters(id, nextFrameId, nextHistoryId);
    this.hint(changes);
  }

  private async cancel(changes: Changes): Promise<void> {
    const { id } = changes.execution;
    const cancelled: Task[] = await this.tasks.cancelSteps(id, changes.timedOut, 'TIMED_OUT');
    for (const frameId of changes.stoppedBelow) {
      const frameIds = await this.frames.abortBelow(id, frameId);
      cancelled.push(...(await this.tasks.cancelFrames(id, frameIds)));
      await this.timers.deleteFrames(id, frameIds);
    }
    if (changes.ending) {
      cancelled.push(...(await this.tasks.cancelExecution(id)));
      await this.timers.deleteAll(id);
    }
    for (const { executorId } of cancelled) if (executorId) this.wakeups.wake(`executor:${executorId}`);
  }

  private hint(changes: Changes): void {
    this.wakeups.wake(`execution:${changes.execution.id}`);
    if (changes.timers.length > 0) this.wakeups.wake('timers');
    for (const kind of new Set(changes.tasks.map((task) => task.kind))) this.wakeups.wake(`tasks:${kind}`);
  }
}
