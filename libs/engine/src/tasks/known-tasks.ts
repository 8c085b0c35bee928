import type { Task, TaskRef } from '@app/queue';
import { Injectable } from '@nestjs/common';

const MAX_TASKS = 10_000;

/**
 * Tasks that this process gave out, without their payloads, so that their results need no look into the database.
 * Nothing depends on it: whether an attempt still holds its task is asked when its end is written.
 */
@Injectable()
export class KnownTasks {
  private readonly tasks = new Map<string, Task>();

  put(task: Task): void {
    this.tasks.set(task.id, { ...task, payload: undefined });
    if (this.tasks.size <= MAX_TASKS) return;
    const [oldest] = this.tasks.keys();
    if (oldest !== undefined) this.tasks.delete(oldest);
  }

  take({ id, attempt }: TaskRef): Task | undefined {
    const task = this.tasks.get(id);
    this.tasks.delete(id);
    return task?.attempt === attempt ? task : undefined;
  }
}
