import { setTimeout as sleep } from 'node:timers/promises';
import { Loop } from '@app/common';
import { TemporaryObjectsService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

const BATCH = 200;
const PAUSE_MS = 10_000;

/** Removes temporary outputs of executions that have ended. Two routers at once delete the same object twice, which is once. */
@Injectable()
export class TemporaryObjectsWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(objects: TemporaryObjectsService) {
    this.loop = new Loop({ name: TemporaryObjectsWorker.name, restMs: PAUSE_MS }, async (signal) => {
      const swept = await objects.sweep(BATCH);
      if (swept === BATCH) return;
      await sleep(PAUSE_MS * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(() => {});
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
