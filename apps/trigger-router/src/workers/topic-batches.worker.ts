import { Loop, Wakeups } from '@app/common';
import { TOPIC_BATCHES_TOPIC, TopicWorkService } from '@app/engine';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { lookThenRest } from './rest.js';

const BATCH = 50;

/** Starts batches of messages, and sees to what becomes of those that have ended. */
@Injectable()
export class TopicBatchesWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: Loop;

  constructor(work: TopicWorkService, wakeups: Wakeups) {
    const look = async () => ((await work.runDue(BATCH)) > 0 ? 0 : work.nextInMs());
    this.loop = new Loop({ name: TopicBatchesWorker.name, restMs: 1_000 }, (signal) =>
      lookThenRest(wakeups, TOPIC_BATCHES_TOPIC, look, signal),
    );
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
