import { Database } from '@app/common';
import { type Ending, type Task, type TaskFilter, TaskRepository } from '@app/queue';
import type { Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { AsynchronousCallRepository } from '../asynchronous/asynchronous-call.repository.js';
import { refOf } from '../payloads/payload-marks.js';
import { PayloadsService } from '../payloads/payloads.service.js';
import { InvocationNews } from './invocation-news.js';

/** Tasks, and how they ended, with their values wherever they are: large ones are in the object store. */
@Injectable()
export class StoredTasks {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskRepository,
    private readonly payloads: PayloadsService,
    private readonly calls: AsynchronousCallRepository,
    private readonly news: InvocationNews,
  ) {}

  find(id: string): Promise<Task | undefined> {
    return this.tasks.find(id);
  }

  list(namespace: string, filter: TaskFilter): Promise<Task[]> {
    return this.tasks.list(namespace, filter);
  }

  cancel(id: string): Promise<Task | undefined> {
    return this.database.transaction(async () => {
      const cancelled = await this.tasks.cancel(id);
      if (cancelled && this.news.isAwaited(cancelled)) await this.news.ended([id]);
      return cancelled;
    });
  }

  /** Before anybody has them: what begins is told before it ends. */
  async begun(tasks: readonly Task[]): Promise<void> {
    await this.news.begun(tasks.filter((task) => this.news.isAwaited(task)).map(({ id }) => id));
  }

  hold(task: Task): Promise<Task | undefined> {
    return this.tasks.hold(task);
  }

  /** The task with its payload and output. */
  whole(task: Task): Promise<Task> {
    return this.payloads.wholeTask(task);
  }

  /** Of a large payload: where it can be read for so long. */
  payloadUrl({ namespace, payloadRef, payload }: Task, seconds: number): Promise<string | undefined> {
    return this.payloads.addressOf(namespace, payloadRef, payload as Json, seconds);
  }

  /** Begun again, if it comes to large values that must be put into the store before. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** In the transaction that holds the task. One that nobody waits for may be queued again instead. */
  async end(task: Task, ending: Ending): Promise<void> {
    if (await this.isAgain(task, ending)) return;
    await this.tasks.end(task.id, await this.referred(task, ending));
    if (task.asynchronous) await this.calls.conclude(task.id);
    if (this.news.isAwaited(task)) await this.news.ended([task.id]);
  }

  private async isAgain(task: Task, ending: Ending): Promise<boolean> {
    const hasFailed = ending.status === 'FAILED' || ending.status === 'TIMED_OUT';
    return task.asynchronous && hasFailed && this.calls.again(task, ending);
  }

  /** Of a task that nothing waits for. False if the attempt has lost it. */
  async endHeld(task: Task, ending: Ending): Promise<boolean> {
    if (!task.asynchronous) return this.endAlone(task, ending);
    return this.transaction(async () => {
      if (await this.isAgain(task, ending)) return true;
      const isEnded = await this.endAlone(task, ending);
      if (isEnded) await this.calls.conclude(task.id);
      return isEnded;
    });
  }

  private async endAlone(task: Task, ending: Ending): Promise<boolean> {
    const output = ending.output as Json | undefined;
    await this.payloads.store(task.namespace, [output]);
    const isAwaited = this.news.isAwaited(task);
    if (!isAwaited && !refOf(output, task.namespace)) return this.tasks.endHeld(task, ending);
    return this.database.transaction(async () => {
      const isEnded = await this.tasks.endHeld(task, await this.referred(task, ending));
      if (isEnded && isAwaited) await this.news.ended([task.id]);
      return isEnded;
    });
  }

  async savePublishing(task: Task, ending: Omit<Ending, 'status'>, leaseSeconds: number): Promise<void> {
    await this.tasks.savePublishing(task, await this.referred(task, ending), leaseSeconds);
  }

  private async referred<E extends Omit<Ending, 'status'>>({ id, namespace, waiter }: Task, ending: E): Promise<E> {
    const output = ending.output as Json | undefined;
    const outputRef = refOf(output, namespace);
    if (!outputRef) return ending;
    await this.payloads.use(waiter?.executionId ?? id, namespace, [output]);
    return { ...ending, outputRef };
  }
}
