import { Database, Wakeups } from '@app/common';
import { type Ending, type Task, TaskRepository } from '@app/queue';
import type { Failure, Happened, Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AdvanceService } from '../executions/advance.service.js';
import { ExecutionReader } from '../executions/execution.reader.js';

/** Ends tasks, and moves on what waited for them, in one transaction. */
@Injectable()
export class TaskCompletionService {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskRepository,
    private readonly reader: ExecutionReader,
    private readonly advance: AdvanceService,
    private readonly wakeups: Wakeups,
  ) {}

  /**
   * Runs `work` in a transaction that holds the rows in the one allowed order: the execution's before the task's.
   * `hold` is the fence; if it gives nothing the attempt has lost, and so does the caller: undefined.
   */
  async fenced<T>(
    task: Task,
    hold: () => Promise<Task | undefined>,
    work: (held: Task) => Promise<T>,
  ): Promise<T | undefined> {
    return this.database.transaction(async () => {
      if (task.waiter) await this.reader.lock(task.waiter.executionId);
      const held = await hold();
      return held && work(held);
    });
  }

  /** Within `fenced`. */
  async succeed(task: Task, output: Json, ending: Omit<Ending, 'status' | 'output'> = {}): Promise<void> {
    await this.tasks.end(task.id, { ...ending, status: 'SUCCEEDED', output });
    await this.happened(task, (step) => ({ type: 'TaskSucceeded', step, output: this.wrapped(task, output) }));
  }

  /** Within `fenced`. */
  async fail(task: Task, failure: Failure, ending: Omit<Ending, 'error' | 'cause'>): Promise<void> {
    await this.tasks.end(task.id, { ...ending, ...failure });
    await this.happened(task, (step) => ({ type: 'TaskFailed', step, failure }));
  }

  private async happened(task: Task, outcome: (step: number) => Happened): Promise<void> {
    this.wakeups.wake(`invocation:${task.id}`);
    if (!task.waiter) return;
    const { executionId, frameId, step } = task.waiter;
    const { attempt, executorId, startedAt } = task;
    const details = { attempt, invocation: task.id, ...(executorId ? { executor: executorId } : {}) };
    const started = { frameId, happened: { type: 'TaskStarted', step, details }, at: startedAt } as const;
    await this.advance.advance(executionId, [started, { frameId, happened: outcome(step) }]);
  }

  /** The Lambda integration's result (AWS Step Functions, "Invoke AWS Lambda"): the function's is its Payload. */
  private wrapped({ resultShape }: Task, output: Json): Json {
    return resultShape === 'lambda' ? { ExecutedVersion: '$LATEST', Payload: output, StatusCode: 200 } : output;
  }
}
