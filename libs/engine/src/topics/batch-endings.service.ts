import { Injectable } from '@nestjs/common';
import { TargetsService } from '../events/targets.service.js';
import type { TopicTrigger } from '../triggers/trigger.js';
import { TriggersService } from '../triggers/triggers.service.js';
import { type EndedBatch, TopicBatchRepository } from './topic-batch.repository.js';

/** Finds batches that have ended, with everything that their outcome depends on. */
@Injectable()
export class BatchEndings {
  constructor(
    private readonly batches: TopicBatchRepository,
    private readonly triggers: TriggersService,
    private readonly targets: TargetsService,
  ) {}

  /** One, held until the transaction ends. */
  async lockNext(): Promise<{ readonly ended: EndedBatch; readonly trigger: TopicTrigger } | undefined> {
    const found = await this.batches.lockEnded();
    if (!found) return undefined;
    const { namespace, triggerName } = found;
    const trigger = (await this.triggers.get(namespace, triggerName)) as TopicTrigger;
    // A large output is not in the row.
    const ended = found.isElsewhere ? { ...found, output: await this.targets.outputOf(namespace, found) } : found;
    return { ended, trigger };
  }
}
