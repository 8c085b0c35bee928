import { Loop, Wakeups } from '@app/common';
import { LIFECYCLE_TOPIC, LifecyclePublisher } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from './rest.js';

/** Tells of executions that have begun or ended. */
@Injectable()
export class LifecycleWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(publisher: LifecyclePublisher, wakeups: Wakeups) {
    const look = async () => ((await publisher.publishDue()) > 0 ? 0 : publisher.nextInMs());
    this.loop = new Loop({ name: LifecycleWorker.name, restMs: 1_000 }, (signal) =>
      lookThenRest(wakeups, LIFECYCLE_TOPIC, look, signal),
    );
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
