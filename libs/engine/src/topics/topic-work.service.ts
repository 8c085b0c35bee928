import { Injectable } from '@nestjs/common';
import type { TopicTrigger } from '../triggers/trigger.js';
import { TriggersService } from '../triggers/triggers.service.js';
import { TopicBatchesService } from './topic-batches.service.js';
import { TopicMessageRepository } from './topic-message.repository.js';
import { TopicOutcomesService } from './topic-outcomes.service.js';
import { TopicQueueService } from './topic-queue.service.js';

/** Works messages off that wait for their turn. Any number of routers share the work. */
@Injectable()
export class TopicWorkService {
  constructor(
    private readonly messages: TopicMessageRepository,
    private readonly batches: TopicBatchesService,
    private readonly outcomes: TopicOutcomesService,
    private readonly triggers: TriggersService,
    private readonly queue: TopicQueueService,
  ) {}

  /** Whether the trigger takes more messages now. */
  async isReady(trigger: TopicTrigger): Promise<boolean> {
    return this.queue.isReady(trigger);
  }

  /** How much was done: batches that had ended, of at most `limit`, and batches that were started. */
  async runDue(limit: number): Promise<number> {
    let done = 0;
    while (done < limit && (await this.outcomes.settleOne())) done += 1;
    for (const { namespace, name } of await this.messages.listDueTriggers()) {
      done += await this.batches.startDue((await this.triggers.get(namespace, name)) as TopicTrigger);
    }
    return done;
  }

  async nextInMs(): Promise<number | undefined> {
    return this.messages.nextInMs();
  }
}
