import { Loop, Wakeups } from '@app/common';
import { SETTLING_TOPIC, SettlingService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from './rest.js';

const BATCH = 50;

/** Starts what waited for objects to be complete. Beside the other deliveries: each look asks the object store. */
@Injectable()
export class SettlingWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(settling: SettlingService, wakeups: Wakeups) {
    const look = async () => ((await settling.runDue(BATCH)) === BATCH ? 0 : settling.nextInMs());
    this.loop = new Loop({ name: SettlingWorker.name, restMs: 1_000 }, (signal) =>
      lookThenRest(wakeups, SETTLING_TOPIC, look, signal),
    );
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
