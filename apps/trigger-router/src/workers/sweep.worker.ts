import { Loop, Wakeups } from '@app/common';
import { SWEEPS_TOPIC, SweepsService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from './rest.js';

/** Reads the listings of buckets, beside everything else: a large bucket must not hold up a timer. */
@Injectable()
export class SweepWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(sweeps: SweepsService, wakeups: Wakeups) {
    const look = async () => ((await sweeps.sweepDue()) ? 0 : sweeps.nextInMs());
    this.loop = new Loop({ name: SweepWorker.name, restMs: 5_000 }, (signal) =>
      lookThenRest(wakeups, SWEEPS_TOPIC, look, signal),
    );
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
