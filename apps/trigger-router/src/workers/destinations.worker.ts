import { Loop, Wakeups } from '@app/common';
import { AsynchronousCallsService, DestinationsService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from './rest.js';

const BATCH = 50;

/** Tells destinations how asynchronous invocations ended, and ends those that have waited for too long. */
@Injectable()
export class DestinationsWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(destinations: DestinationsService, calls: AsynchronousCallsService, wakeups: Wakeups) {
    const look = async () => {
      const expired = await calls.expireDue(BATCH);
      const told = await destinations.deliverDue(BATCH);
      return expired === BATCH || told === BATCH ? 0 : destinations.nextInMs();
    };
    this.loop = new Loop({ name: DestinationsWorker.name, restMs: 1_000 }, (signal) =>
      lookThenRest(wakeups, 'destinations', look, signal),
    );
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
