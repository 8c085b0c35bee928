import { Loop, Wakeups } from '@app/common';
import { DeliveriesService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from './rest.js';

const BATCH = 50;

/** Delivers events again that could not be started. */
@Injectable()
export class DeliveriesWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(deliveries: DeliveriesService, wakeups: Wakeups) {
    const look = async () => ((await deliveries.runDue(BATCH)) === BATCH ? 0 : deliveries.nextInMs());
    this.loop = new Loop({ name: DeliveriesWorker.name, restMs: 1_000 }, (signal) =>
      lookThenRest(wakeups, 'triggers', look, signal),
    );
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
