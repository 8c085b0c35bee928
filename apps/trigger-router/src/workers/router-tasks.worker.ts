import { Loop, Wakeups } from '@app/common';
import { ROUTER_TASK_KINDS, RouterTasksService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from './rest.js';

const BATCH = 50;
const REST_AFTER_ERROR_MS = 1_000;

/** Starts the workflows, reads and writes the objects that states ask for. */
@Injectable()
export class RouterTasksWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loops: readonly Loop[];

  constructor(tasks: RouterTasksService, wakeups: Wakeups) {
    this.loops = ROUTER_TASK_KINDS.map((kind) => {
      const look = async () => ((await tasks.runDue(kind, BATCH)) > 0 ? 0 : undefined);
      const options = { name: `${RouterTasksWorker.name}(${kind})`, restMs: REST_AFTER_ERROR_MS };
      return new Loop(options, (signal) => lookThenRest(wakeups, `tasks:${kind}`, look, signal));
    });
  }

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}
