import { lineageOf, MAX_HOPS } from '@app/events';
import { Injectable } from '@nestjs/common';
import { DeadLetterRepository } from '../events/dead-letter.repository.js';
import { DeliveryRepository } from '../events/delivery.repository.js';
import { TargetsService } from '../events/targets.service.js';
import type { TopicTrigger } from '../triggers/trigger.js';
import { type TopicEvent, TopicEventRepository } from './topic-event.repository.js';
import { TopicQueueService } from './topic-queue.service.js';
import { worksOff } from './topic-trigger.js';

/** What an intake does for many messages at once. */
@Injectable()
export class IntakeSteps {
  constructor(
    private readonly stored: TopicEventRepository,
    private readonly deadLetters: DeadLetterRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly targets: TargetsService,
    private readonly queue: TopicQueueService,
  ) {}

  /** False if that cannot be, and nothing was done: something is not as it is nearly always. */
  async together(trigger: TopicTrigger, events: readonly TopicEvent[]): Promise<boolean> {
    if (events.some((event) => (lineageOf(event)?.hops ?? 0) >= MAX_HOPS)) return false;
    if (worksOff(trigger)) {
      await this.queue.add(trigger, events);
      return true;
    }
    const keys = events.flatMap(({ subject }) => subject ?? []);
    if (await this.stored.isAnyKeyHeld(trigger.id, keys)) return false;
    await this.deliveries.setSavepoint();
    try {
      const starts = await this.targets.startAll(trigger, events);
      const named = starts.map((start, index) => ({ ...start, ...nameOf(events[index]) }));
      await this.stored.saveStarts(trigger.namespace, trigger.id, named);
      await this.deliveries.releaseSavepoint();
      return true;
    } catch {
      // Which of them it was, and what is to become of it, is found out one by one.
      await this.deliveries.rollBackToSavepoint();
      return false;
    }
  }

  async bury(trigger: TopicTrigger, event: TopicEvent): Promise<void> {
    if (await this.stored.isBuried(trigger.id, event)) return;
    await this.deadLetters.insert(trigger.namespace, {
      kind: 'event',
      payload: { trigger: trigger.name, event },
      error: 'Message.NotJson',
      cause: 'The value is no JSON, which the trigger expects',
      triggerId: trigger.id,
    });
  }
}

const nameOf = (event: TopicEvent | undefined) => ({ source: event?.source ?? '', id: event?.id ?? '' });
