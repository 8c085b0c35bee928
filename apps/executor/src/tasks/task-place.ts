import {
  type Call,
  type Failure,
  type FunctionEnd,
  type HandlerInstance,
  type Meter,
  neverRan,
  runFunction,
} from '@app/sandbox';
import type { KillReport } from '@app/worker-api';
import { Logger } from '@nestjs/common';
import { startInstance } from '../warm/start-instance.js';
import type { HeldTemplate } from '../warm/templates.js';
import { warmKey } from '../warm/warm-key.js';
import type { PlacedTask } from './placed-task.js';
import type { TaskTools } from './task-attempt.js';

export type Scratch = NonNullable<KillReport['scratch']>;

/** Where a task runs: an empty folder, and an instance that waits in it if there is one of the function. */
export class TaskPlace {
  private readonly logger = new Logger(TaskPlace.name);

  private constructor(
    private readonly tools: TaskTools,
    private readonly task: PlacedTask,
    private readonly key: string | undefined,
    readonly work: string,
    private begun: { handler?: HandlerInstance | undefined; template?: HeldTemplate | undefined } = {},
  ) {}

  /** The warm one first: what then waits may have to go, so that all that is in hand has its memory. */
  static async open(tools: TaskTools, task: PlacedTask): Promise<TaskPlace> {
    const key = warmKey(task);
    const warm = key === undefined ? undefined : tools.warm.take(key);
    await tools.warm.fit(tools.freeMb(), task.gpus);
    if (warm) return new TaskPlace(tools, task, key, warm.work, { handler: warm.handler });
    const template = key === undefined ? undefined : tools.warm.templates.take(task);
    return new TaskPlace(tools, task, key, template?.work ?? (await tools.folders.create(task)), { template });
  }

  async run(call: Call): Promise<FunctionEnd> {
    const { instances, warm } = this.tools;
    if (this.key === undefined) return this.runAlone(call);
    const handler = this.begun.handler ?? (await this.start(call));
    if ('failure' in handler) return neverRan(handler.failure);
    this.begun.handler = handler;
    const serve = () => handler.call({ ...call, mayStay: () => warm.isWelcome(handler) });
    const live = instances.of(handler);
    return live ? instances.serve(live, this.task.id, serve) : serve();
  }

  private async runAlone({ run, listener, signal }: Call): Promise<FunctionEnd> {
    const { instances, sandbox } = this.tools;
    const live = instances.add(this.task);
    const watched = { ...listener, onStarted: (meter: Meter) => live.started(meter) };
    try {
      return await instances.serve(live, this.task.id, () => runFunction(sandbox, run, watched, signal));
    } finally {
      instances.remove(live);
    }
  }

  private async start({ run }: Call): Promise<HandlerInstance | { readonly failure: Failure }> {
    const { instances } = this.tools;
    const { template } = this.begun;
    delete this.begun.template;
    const live = instances.add(this.task);
    let handler: HandlerInstance | { readonly failure: Failure } | undefined;
    try {
      handler = await startInstance(this.tools, run, template);
      if (!('failure' in handler)) instances.bind(live, handler);
      return handler;
    } finally {
      if (!handler || 'failure' in handler) instances.remove(live);
    }
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
    const { work, key } = this;
    const { handler, template } = this.begun;
    const { folders, warm } = this.tools;
    await template?.template.end();
    if (!handler?.isWaiting || key === undefined) return folders.remove(work);
    const { gpus } = this.task;
    const { memoryMb } = this.task.resources;
    if (await folders.empty(work)) warm.put({ key, memoryMb, work, handler, ...(gpus && { gpus }) });
    else warm.end({ handler, work });
  }
}
