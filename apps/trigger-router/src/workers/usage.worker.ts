import { setTimeout as sleep } from 'node:timers/promises';
import { Loop } from '@app/common';
import { UsageService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

const PAUSE_MS = 10_000;

/** Adds up what functions have used. */
@Injectable()
export class UsageWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(usage: UsageService) {
    this.loop = new Loop({ name: UsageWorker.name, restMs: PAUSE_MS }, async (signal) => {
      await usage.rollUp();
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
