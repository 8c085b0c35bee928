import { Wakeups } from '@app/common';
import { ParkedTaskRepository } from '@app/queue';
import { Injectable } from '@nestjs/common';
import type { Execution } from '../executions/execution.js';
import { type EndedExecution, ExecutionEndings } from '../executions/execution-endings.js';

/**
 * Wakes the task of a parent when the child that it waits for ends. Only that: the router that then looks takes the
 * parent's row, which a transaction that holds the child's must not.
 */
@Injectable()
export class WaitingParentsService {
  constructor(
    endings: ExecutionEndings,
    private readonly parked: ParkedTaskRepository,
    private readonly wakeups: Wakeups,
  ) {
    endings.add(this);
  }

  isConcerned({ parent }: Execution): boolean {
    return parent !== undefined && parent.depth > 0;
  }

  async ended(executions: readonly EndedExecution[]): Promise<void> {
    await this.parked.wake(executions.flatMap(({ execution: { parent } }) => (parent ? [parent.taskId] : [])));
    this.wakeups.wake('tasks:workflow');
  }
}
