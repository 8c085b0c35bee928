import { Wakeups } from '@app/common';
import type { NewTask } from '@app/queue';
import { Injectable } from '@nestjs/common';
import { hintFor } from '../activities/activity-hint.js';
import { CancellationsService } from './cancellations.service.js';
import type { Changes } from './changes.js';
import { ExecutionEndings } from './execution-endings.js';

/** What follows from changes beside their rows: others to end, listeners to tell, and who should look. */
@Injectable()
export class FollowUpsService {
  constructor(
    private readonly cancellations: CancellationsService,
    private readonly endings: ExecutionEndings,
    private readonly wakeups: Wakeups,
  ) {}

  /** Whether more than the rows is to be written. An execution that succeeds has nothing open any more. */
  isNeeded({ execution, isNew, ending, timedOut, stoppedBelow, afterwards }: Changes): boolean {
    if (timedOut.length + stoppedBelow.length + afterwards.length > 0) return true;
    if (isNew && this.endings.isAwaitedAtStart(execution)) return true;
    return ending !== undefined && (ending.status !== 'SUCCEEDED' || this.endings.isAwaited(execution));
  }

  /** Within the transaction that has written the changes. */
  async save(batch: readonly Changes[]): Promise<void> {
    for (const changes of batch) {
      await this.cancellations.follow(changes);
      for (const work of changes.afterwards) await work();
    }
    const begun = batch.flatMap(({ execution, isNew }) => (isNew ? [execution] : []));
    if (begun.length > 0) await this.endings.tellBegun(begun);
    const ended = batch.flatMap(({ execution, ending }) => (ending ? [{ execution, ending }] : []));
    if (ended.length > 0) await this.endings.tell(ended);
  }

  hint(batch: readonly Changes[]): void {
    const topics = new Set<string>();
    for (const { execution, timers, tasks, ending } of batch) {
      topics.add(`execution:${execution.id}`);
      if (ending) topics.add(`ended:${execution.id}`);
      if (timers.length > 0) topics.add('timers');
      for (const task of tasks) if (!task.lease) topics.add(topicOf(task));
    }
    for (const topic of topics) this.wakeups.wake(topic);
  }
}

const topicOf = ({ kind, namespace, resource }: NewTask): string =>
  kind === 'activity' ? hintFor(namespace, resource) : `tasks:${kind}`;
