import { type Call, type FunctionEnd, HandlerInstance, neverRan, runFunction } from '@app/sandbox';
import type { Assignment, KillReport } from '@app/worker-api';
import { Logger } from '@nestjs/common';
import { warmKey } from '../warm/warm-key.js';
import type { TaskTools } from './task-attempt.js';

export type Scratch = NonNullable<KillReport['scratch']>;

/** Where a task runs: an empty folder, and an instance that waits in it if there is one of the function. */
export class TaskPlace {
  private readonly logger = new Logger(TaskPlace.name);

  private constructor(
    private readonly tools: TaskTools,
    private readonly task: Assignment,
    private readonly key: string | undefined,
    readonly work: string,
    private handler?: HandlerInstance,
  ) {}

  /** The warm one first: what then waits may have to go, so that all that is in hand has its memory. */
  static async open(tools: TaskTools, task: Assignment): Promise<TaskPlace> {
    const key = warmKey(task);
    const warm = key === undefined ? undefined : tools.warm.take(key);
    await tools.warm.fit(tools.freeMb());
    if (!warm) return new TaskPlace(tools, task, key, await tools.folders.create(task));
    return new TaskPlace(tools, task, key, warm.work, warm.handler);
  }

  async run(call: Call): Promise<FunctionEnd> {
    const { sandbox, warm } = this.tools;
    const { run, listener, signal } = call;
    if (this.key === undefined) return runFunction(sandbox, run, listener, signal);
    if (!this.handler) {
      const started = await HandlerInstance.start(sandbox, run);
      if ('failure' in started) return neverRan(started.failure);
      this.handler = started;
    }
    const handler = this.handler;
    return handler.call({ ...call, mayStay: () => warm.isWelcome(handler) });
  }

  /** The folder is emptied for the next task of an instance that waits for one, and removed otherwise. */
  async leave(): Promise<Scratch> {
    const begunAt = performance.now();
    const bytes = await this.tools.folders.bytes(this.work);
    const freed = await this.clear().then(
      () => true,
      (error: unknown) => {
        this.logger.error(`Task ${this.task.id}: its folder could not be removed: ${String(error)}`);
        return false;
      },
    );
    return { freed, bytes, tookMs: Math.round(performance.now() - begunAt) };
  }

  private async clear(): Promise<void> {
    const { handler, work, key } = this;
    const { folders, warm } = this.tools;
    if (!handler?.isWaiting || key === undefined) return folders.remove(work);
    const { memoryMb } = this.task.resources;
    if (await folders.empty(work)) warm.put({ key, memoryMb, work, handler });
    else warm.end({ handler, work });
  }
}
