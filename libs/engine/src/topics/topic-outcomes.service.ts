import { Database } from '@app/common';
import { failedOf } from '@app/events';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { MAX_AGE_SECONDS, MAX_ATTEMPTS, startDelayMs, type StartFailure } from '../events/start-failure.js';
import type { TopicTrigger } from '../triggers/trigger.js';
import { BatchEndings } from './batch-endings.service.js';
import { type EndedBatch, TopicBatchRepository } from './topic-batch.repository.js';
import { TopicGraves } from './topic-graves.service.js';
import { type TakenMessage, TopicMessageRepository } from './topic-message.repository.js';

/** What becomes of the messages of a batch that has ended. */
@Injectable()
export class TopicOutcomesService {
  constructor(
    private readonly database: Database,
    private readonly messages: TopicMessageRepository,
    private readonly batches: TopicBatchRepository,
    private readonly endings: BatchEndings,
    private readonly graves: TopicGraves,
  ) {}

  /** Whether there was one that has ended. */
  async settleOne(): Promise<boolean> {
    return this.database.transaction(async () => {
      const { ended, trigger } = (await this.endings.lockNext()) ?? {};
      if (!ended || !trigger) return false;
      const taken = await this.messages.listOfBatch(ended.id);
      await this.settle(trigger, ended, taken);
      await this.batches.delete(ended.id);
      return true;
    });
  }

  /** Messages that could not be started, or whose target failed: they come again, divided, later, or never. */
  async fail(trigger: TopicTrigger, taken: readonly TakenMessage[], failure: StartFailure): Promise<void> {
    // What fails the same way every time may do so because of one of them.
    if (taken.length > 1 && (trigger.source.bisect || failure.isFinal)) return this.divide(taken);
    const { maxAttempts = MAX_ATTEMPTS, maxAgeSeconds = MAX_AGE_SECONDS } = trigger.source;
    const isOver = ({ attempts, createdAt }: TakenMessage): boolean =>
      failure.isFinal || attempts + 1 >= maxAttempts || Date.now() - createdAt.getTime() > maxAgeSeconds * 1_000;
    for (const message of taken.filter(isOver)) await this.graves.bury(trigger, message, failure);
    await this.messages.delete(idsOf(taken.filter(isOver)));
    for (const message of taken.filter((one) => !isOver(one))) {
      const { error, cause } = failure;
      await this.messages.delay([message.id], { delayMs: startDelayMs(message.attempts + 1), error, cause });
    }
  }

  private async settle(trigger: TopicTrigger, ended: EndedBatch, taken: readonly TakenMessage[]): Promise<void> {
    const { status, output, targetId } = ended;
    if (status !== 'SUCCEEDED') return this.fail(trigger, taken, failureOf(ended));
    const failed = failedOf(
      output,
      taken.map(({ eventId }) => eventId),
    );
    await this.messages.delete(idsOf(taken.filter(({ eventId }) => !failed.has(eventId))));
    const rest = taken.filter(({ eventId }) => failed.has(eventId));
    if (rest.length === 0) return;
    const cause = `${targetId} named it in its batchItemFailures`;
    const failure = { error: 'Batch.ItemFailed', cause, isFinal: false };
    // Each by itself: they were told apart already.
    for (const message of rest) await this.fail(trigger, [message], failure);
  }

  private async divide(taken: readonly TakenMessage[]): Promise<void> {
    const middle = Math.ceil(taken.length / 2);
    for (const half of [taken.slice(0, middle), taken.slice(middle)]) {
      await this.messages.saveAsPart(idsOf(half), uuid());
    }
  }
}

const idsOf = (messages: readonly TakenMessage[]): string[] => messages.map(({ id }) => id);

function failureOf({ status, error, cause, targetId }: EndedBatch): StartFailure {
  if (status === null) {
    return { error: 'Target.Unknown', cause: `There is no record of ${targetId} any more`, isFinal: false };
  }
  return { error: error || `Target.${status}`, cause: cause || `${targetId} has ended as ${status}`, isFinal: false };
}
