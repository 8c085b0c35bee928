import { setTimeout as sleep } from 'node:timers/promises';
import { Loop } from '@app/common';
import { LogsService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

const PAUSE_MS = 20_000;
const BATCH = 200;

/** Moves what ended tasks wrote into the object store. */
@Injectable()
export class LogsWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(logs: LogsService) {
    this.loop = new Loop({ name: LogsWorker.name, restMs: PAUSE_MS }, async (signal) => {
      await sleep(PAUSE_MS * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(() => {});
      while (!signal.aborted && (await logs.archiveEnded(BATCH)) === BATCH);
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
