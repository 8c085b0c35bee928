import { type Task, TaskRepository } from '@app/queue';
import { Injectable } from '@nestjs/common';

/** Somebody who wants to know of runs of functions that belong to no execution. */
export interface InvocationListener {
  isConcerned(namespace: string, functionName: string): boolean;
  /** In the transaction in which they have begun or ended. SQL only. */
  begun(tasks: readonly Task[]): Promise<void>;
  ended(tasks: readonly Task[]): Promise<void>;
}

/** Tells of them as their rows say; where nobody is concerned, nothing is read and nothing written. */
@Injectable()
export class InvocationNews {
  listener: InvocationListener | undefined;

  constructor(private readonly tasks: TaskRepository) {}

  isAwaited({ kind, waiter, namespace, resource }: Pick<Task, 'kind' | 'waiter' | 'namespace' | 'resource'>): boolean {
    return kind === 'function' && waiter === undefined && this.isAwaitedOf(namespace, resource);
  }

  isAwaitedOf(namespace: string, resource: string): boolean {
    return this.listener?.isConcerned(namespace, resource) ?? false;
  }

  async begun(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.listener?.begun(await this.tasks.listByIds(ids));
  }

  async ended(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.listener?.ended(await this.tasks.listByIds(ids));
  }
}
