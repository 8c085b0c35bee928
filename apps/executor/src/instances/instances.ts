import type { FunctionEnd, HandlerInstance, TemplateShape } from '@app/sandbox';
import type { Assignment, Instance } from '@app/worker-api';
import { Injectable } from '@nestjs/common';
import { LiveInstance } from './live-instance.js';

/** Under load something changes many times a second. */
const TOLD_EVERY_MS = 250;
/** The figures of instances in which nothing else changes. */
const REFRESHED_EVERY_MS = 2_000;

/** Every process of a function that this executor has, and what of that the gateway has not been told yet. */
@Injectable()
export class Instances {
  private readonly all = new Set<LiveInstance>();
  private readonly handlers = new Map<HandlerInstance, LiveInstance>();
  private told = '';
  private toldAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  /** Called when there is news, and it is time to tell it. */
  onNews: () => void = () => {};

  /** One that serves this task only, or whose handler comes later. It is there until `remove`. */
  add(task: Assignment): LiveInstance {
    const live = new LiveInstance(task);
    this.all.add(live);
    this.changed();
    return live;
  }

  /** A runtime that waits for what it is to be. */
  addTemplate({ runtime, memoryMb }: Pick<TemplateShape, 'runtime' | 'memoryMb'>): LiveInstance {
    const nobody = { name: 'template', version: 0, runtime };
    const live = new LiveInstance(
      { context: { namespace: 'spool' }, function: nobody, resources: { memoryMb } },
      'template',
    );
    this.all.add(live);
    this.changed();
    return live;
  }

  remove(live: LiveInstance): void {
    this.all.delete(live);
    this.changed();
  }

  /** Ties an instance to its handler, with which it goes. */
  bind(live: LiveInstance, handler: HandlerInstance): void {
    this.handlers.set(handler, live);
    live.started(handler);
    void handler.gone.finally(() => this.forget(live, handler));
  }

  of(handler: HandlerInstance): LiveInstance | undefined {
    return this.handlers.get(handler);
  }

  /** Counts the run of a task with its instance. */
  async serve(live: LiveInstance, taskId: string, work: () => Promise<FunctionEnd>): Promise<FunctionEnd> {
    live.begin(taskId);
    this.changed();
    let end: FunctionEnd = { status: 'SHUTDOWN' };
    try {
      end = await work();
      return end;
    } finally {
      live.end(taskId, end);
      this.changed();
    }
  }

  get hasNews(): boolean {
    const isOld = this.all.size > 0 && performance.now() - this.toldAt > REFRESHED_EVERY_MS;
    return isOld || this.told !== this.fingerprint;
  }

  /** All of them, if there is news and it is not too soon. */
  report(): Instance[] | undefined {
    if (!this.hasNews) return undefined;
    if (performance.now() - this.toldAt < TOLD_EVERY_MS) return void this.changed(); // Told when it is time.
    this.told = this.fingerprint;
    this.toldAt = performance.now();
    return this.views();
  }

  /** All of them, whether anything is new or not. */
  views(): Instance[] {
    return [...this.all].map((live) => live.view());
  }

  /** The last report did not arrive. */
  unsaid(): void {
    this.told = '?';
    this.toldAt = Number.NEGATIVE_INFINITY;
  }

  changed(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.hasNews) this.onNews();
    }, TOLD_EVERY_MS).unref();
  }

  private forget(live: LiveInstance, handler: HandlerInstance): void {
    this.handlers.delete(handler);
    this.remove(live);
  }

  private get fingerprint(): string {
    return [...this.all].map((live) => live.fingerprint).join('\n');
  }
}
