import { setTimeout as sleep } from 'node:timers/promises';
import { Loop } from '@app/common';
import { RetentionService, UPKEEP } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

const PAUSE_MS = 300_000;

/** Removes what is old. */
@Injectable()
export class RetentionWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(retention: RetentionService) {
    this.loop = new Loop({ name: RetentionWorker.name, restMs: 60_000 }, async (signal) => {
      // First the pause: a start has other things to do.
      await sleep(PAUSE_MS * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(() => {});
      if (!signal.aborted) await retention.run(UPKEEP);
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
