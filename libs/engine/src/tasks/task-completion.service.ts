import { Wakeups } from '@app/common';
import type { Ending, Task } from '@app/queue';
import type { Failure, Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AdvanceService } from '../executions/advance.service.js';
import { ExecutionReader } from '../executions/execution.reader.js';
import { happenings, type Outcome } from './happenings.js';
import { lambdaAnswer } from './sdk-answer.js';
import { StoredTasks } from './stored-tasks.js';

/** Ends tasks, and moves on what waited for them, in one transaction. */
@Injectable()
export class TaskCompletionService {
  constructor(
    private readonly endings: StoredTasks,
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
    return this.endings.transaction(async () => {
      if (task.waiter) await this.reader.lock(task.waiter.executionId);
      const held = await hold();
      return held && work(held);
    });
  }

  /**
   * `fenced` and `succeed` or `fail` in one, and together with whatever else comes at the same time: for a task with
   * which nothing else ends. False if the attempt has lost.
   */
  async settle(task: Task, ending: Ending, outcome: Outcome): Promise<boolean> {
    const { id, attempt, waiter } = task;
    if (!waiter) return this.settleAlone(task, ending);
    const fence = { type: 'task', task: { id, attempt }, ending } as const;
    const given = outcome.type === 'Failed' ? outcome : { ...outcome, output: this.wrapped(task, outcome.output) };
    return this.advance.advanceBehind(fence, waiter.executionId, happenings(task, given));
  }

  /** The task with its payload and output, wherever they are. */
  whole(task: Task): Promise<Task> {
    return this.endings.whole(task);
  }

  /** Within `fenced`: it has succeeded, and its outputs are to be made visible. */
  async savePublishing(task: Task, ending: Omit<Ending, 'status'>, leaseSeconds: number): Promise<void> {
    await this.endings.savePublishing(task, ending, leaseSeconds);
  }

  /** `fenced` by the attempt's lease. */
  async whileHeld(task: Task, work: (held: Task) => Promise<void>): Promise<void> {
    await this.fenced(task, () => this.endings.hold(task), work);
  }

  /** Within `fenced`. */
  async succeed(task: Task, output: Json, ending: Omit<Ending, 'status' | 'output'> = {}): Promise<void> {
    await this.endings.end(task, { ...ending, status: 'SUCCEEDED', output });
    await this.happened(task, { type: 'Succeeded', output: this.wrapped(task, output) });
  }

  /** Within `fenced`. */
  async fail(task: Task, failure: Failure, ending: Omit<Ending, 'error' | 'cause'>): Promise<void> {
    await this.endings.end(task, { ...ending, ...failure });
    await this.happened(task, { type: 'Failed', failure });
  }

  /** Within `fenced`, which holds the task on: what does the work is under way, and this is how it is known. */
  async submit(task: Task, output: Json): Promise<void> {
    await this.happened(task, { type: 'Submitted', output });
  }

  /** Within `fenced`: ends what was submitted before. */
  async conclude(task: Task, outcome: Outcome): Promise<void> {
    const result = outcome.type === 'Failed' ? outcome.failure : { output: outcome.output };
    await this.endings.end(task, { ...result, status: outcome.type === 'Failed' ? 'FAILED' : 'SUCCEEDED' });
    if (task.waiter) await this.advance.advance(task.waiter.executionId, happenings(task, outcome).slice(-1));
  }

  private async settleAlone(task: Task, ending: Ending): Promise<boolean> {
    const isEnded = await this.endings.endHeld(task, ending);
    if (isEnded) this.wakeups.wake(`invocation:${task.id}`);
    if (isEnded && task.asynchronous) this.wakeups.wake('destinations');
    return isEnded;
  }

  private async happened(task: Task, outcome: Outcome): Promise<void> {
    this.wakeups.wake(`invocation:${task.id}`);
    if (task.asynchronous) this.wakeups.wake('destinations');
    if (task.waiter) await this.advance.advance(task.waiter.executionId, happenings(task, outcome));
  }

  private wrapped({ id, resultShape }: Task, output: Json): Json {
    return resultShape === 'lambda' ? lambdaAnswer(output, id) : output;
  }
}
