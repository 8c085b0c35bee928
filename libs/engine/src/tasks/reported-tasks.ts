import { type Task, type TaskRef, TaskRepository } from '@app/queue';
import type { TaskResult } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { InvocationMeter } from './invocation-meter.js';
import { KnownTasks } from './known-tasks.js';

/** The tasks that executors report of. */
@Injectable()
export class ReportedTasks {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly known: KnownTasks,
    private readonly meter: InvocationMeter,
  ) {}

  /** Undefined if there is none. Its payload may be missing, unless the result has outputs. */
  async of(result: TaskResult): Promise<Task | undefined> {
    const known = this.known.take(result);
    if (known && (result.status !== 'SUCCEEDED' || result.outputs.length === 0)) return known;
    return this.find(result);
  }

  /** As the attempt has it, with its payload. */
  async find({ id, attempt }: TaskRef): Promise<Task | undefined> {
    const task = await this.tasks.find(id);
    return task && { ...task, attempt };
  }

  /** Its result was taken. */
  ended({ resource, createdAt }: Task, { status }: TaskResult): void {
    this.meter.onEnded({ function: resource, lane: 'queue', status, ms: Date.now() - createdAt.getTime() });
  }

  hold(result: TaskResult): Promise<Task | undefined> {
    return this.tasks.hold(result);
  }

  async saveReport(result: TaskResult): Promise<void> {
    await this.tasks.saveReport(result, { usage: result.usage });
  }
}
