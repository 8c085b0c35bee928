import { Wakeups } from '@app/common';
import { type ExecutionEventType, executionEvent } from '@app/events';
import { Injectable } from '@nestjs/common';
import { type EndedExecution, type EndingListener, ExecutionEndings } from '../executions/execution-endings.js';
import type { Execution, ExecutionEnding } from '../executions/execution.js';
import { LifecycleInterests } from './lifecycle-interests.service.js';
import { LifecycleRepository } from './lifecycle.repository.js';

/** Who publishes looks again when this is woken. */
export const LIFECYCLE_TOPIC = 'lifecycle';

const TYPES: Partial<Record<ExecutionEnding['status'], ExecutionEventType>> = {
  SUCCEEDED: 'spool.execution.succeeded',
  FAILED: 'spool.execution.failed',
  TIMED_OUT: 'spool.execution.timed_out',
  ABORTED: 'spool.execution.aborted',
};

/** Writes down that executions have begun or ended, in the transaction in which they do, where somebody wants to know. */
@Injectable()
export class LifecycleRecorder implements EndingListener {
  constructor(
    endings: ExecutionEndings,
    private readonly interests: LifecycleInterests,
    private readonly outbox: LifecycleRepository,
    private readonly wakeups: Wakeups,
  ) {
    endings.add(this);
  }

  /** The children of a map run are told of by the map run's execution. */
  isConcerned({ namespace, workflow, mapRun }: Execution): boolean {
    return mapRun === undefined && this.interests.isAny('workflows', namespace, workflow);
  }

  isConcernedAtStart(execution: Execution): boolean {
    return this.isConcerned(execution);
  }

  async begun(executions: readonly Execution[]): Promise<void> {
    await this.record(
      executions.map((execution) => ({ execution, type: 'spool.execution.started', ending: undefined })),
    );
  }

  async ended(executions: readonly EndedExecution[]): Promise<void> {
    await this.record(
      executions.flatMap(({ execution, ending }) => {
        const type = TYPES[ending.status];
        return type ? [{ execution, ending, type }] : [];
      }),
    );
  }

  private async record(happened: readonly Happened[]): Promise<void> {
    const time = new Date().toISOString();
    const rows = happened.flatMap((one) => {
      const { namespace, workflow, id: subjectId } = one.execution;
      const lanes = this.interests.lanes('workflows', namespace, workflow, one.type);
      const event = lanes.length > 0 && executionEvent(one.type, dataOf(one, time), time);
      return event ? lanes.map((lane) => ({ lane, namespace, subjectId, event })) : [];
    });
    if (rows.length === 0) return;
    await this.outbox.insert(rows);
    this.wakeups.wake(LIFECYCLE_TOPIC);
  }
}

interface Happened {
  readonly execution: Execution;
  readonly type: ExecutionEventType;
  readonly ending: ExecutionEnding | undefined;
}

function dataOf({ execution, ending }: Happened, time: string) {
  const { id: executionId, name, workflow, version, startedAt, input, redriveCount } = execution;
  const { output, error, cause } = ending ?? {};
  return {
    executionId,
    name,
    workflow,
    version,
    status: ending?.status ?? 'RUNNING',
    startedAt: startedAt.toISOString(),
    ...(ending && { endedAt: time }),
    input,
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    redriveCount,
  };
}
