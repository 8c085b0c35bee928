import { Database } from '@app/common';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { TopicTrigger } from '../triggers/trigger.js';
import { BatchStarter } from './batch-starter.service.js';
import { nextBatch } from './next-batch.js';
import { TopicBatchRepository } from './topic-batch.repository.js';
import { TopicMessageRepository } from './topic-message.repository.js';
import { TopicOutcomesService } from './topic-outcomes.service.js';
import { parallelOf } from './topic-trigger.js';

/** Starts what waits in batches. Within a transaction that has the trigger for itself. */
@Injectable()
export class TopicBatchesService {
  constructor(
    private readonly database: Database,
    private readonly messages: TopicMessageRepository,
    private readonly batches: TopicBatchRepository,
    private readonly outcomes: TopicOutcomesService,
    private readonly starter: BatchStarter,
  ) {}

  /** As many batches as may run now; how many those were. None while another router does it. */
  async startDue(trigger: TopicTrigger): Promise<number> {
    return this.database.transaction(async () => {
      if (!(await this.messages.lockTrigger(trigger.id))) return 0;
      const free = parallelOf(trigger.source) - (await this.batches.count(trigger.id));
      for (let started = 0; started < free; started++) if (!(await this.startOne(trigger))) return started;
      return Math.max(0, free);
    });
  }

  private async startOne(trigger: TopicTrigger): Promise<boolean> {
    const { batch } = trigger.source;
    const parts = await this.messages.listNextPart(trigger.id);
    const ids =
      parts.length > 0
        ? parts.map(({ id }) => id)
        : nextBatch(batch, await this.messages.listNext(trigger.id, batch?.size ?? 1));
    if (ids.length === 0) return false;
    const batchId = uuid();
    await this.messages.take(ids, batchId);
    const taken = await this.messages.listOfBatch(batchId);
    const failure = await this.starter.start(trigger, batchId, taken);
    if (failure) await this.outcomes.fail(trigger, taken, failure);
    return true;
  }
}
