import { Injectable } from '@nestjs/common';
import { DeadLetterRepository } from '../events/dead-letter.repository.js';
import type { StartFailure } from '../events/start-failure.js';
import type { TopicTrigger } from '../triggers/trigger.js';
import { TopicEventRepository } from './topic-event.repository.js';
import type { TakenMessage } from './topic-message.repository.js';

/** Puts messages to the dead letters, whole. */
@Injectable()
export class TopicGraves {
  constructor(
    private readonly events: TopicEventRepository,
    private readonly deadLetters: DeadLetterRepository,
  ) {}

  async bury(trigger: TopicTrigger, message: TakenMessage, { error, cause }: StartFailure): Promise<void> {
    const { source, eventId: id } = message;
    const [event] = await this.events.list(trigger.namespace, [{ source, id }]);
    await this.deadLetters.insert(trigger.namespace, {
      kind: 'event',
      payload: { trigger: trigger.name, event },
      error,
      cause,
      triggerId: trigger.id,
      attempts: message.attempts + 1,
    });
  }
}
