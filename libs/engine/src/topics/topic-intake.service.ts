import { Database } from '@app/common';
import type { Message } from '@app/event-bus';
import { isJson, matches, topicEvent } from '@app/events';
import { Injectable } from '@nestjs/common';
import { EventsService } from '../events/events.service.js';
import type { TopicTrigger } from '../triggers/trigger.js';
import { IntakeSteps } from './intake-steps.service.js';
import { type TopicEvent, TopicEventRepository } from './topic-event.repository.js';
import { TopicPlaceRepository } from './topic-place.repository.js';
import { formatOf } from './topic-trigger.js';
import { TriggerLetGo } from './topics.errors.js';

/** Takes messages in for a trigger: when it resolves, their events are committed, and what they start or wait for. */
@Injectable()
export class TopicIntakeService {
  constructor(
    private readonly database: Database,
    private readonly events: EventsService,
    private readonly stored: TopicEventRepository,
    private readonly places: TopicPlaceRepository,
    private readonly steps: IntakeSteps,
  ) {}

  /** A message that cannot be started rejects nothing: it is tried again by itself, and only its key waits. */
  async take(trigger: TopicTrigger, generation: number, messages: readonly Message[]): Promise<void> {
    const { topic } = trigger.source;
    const format = formatOf(trigger.source);
    const unreadable = new Set<TopicEvent>();
    const events = messages.map((message) => {
      const event = topicEvent({ ...message, topic }, { format, generation });
      if (format === 'json' && !message.isTombstone && !isJson(message.value)) unreadable.add(event);
      return event;
    });
    await this.database.transaction(async () => {
      if ((await this.places.hold(trigger.id)) !== generation) throw new TriggerLetGo(trigger.name);
      await this.stored.insert(trigger.namespace, events);
      const wanted = events.filter((event) => trigger.enabled && matches(trigger, event));
      for (const event of wanted) if (unreadable.has(event)) await this.steps.bury(trigger, event);
      const readable = wanted.filter((event) => !unreadable.has(event));
      const started = await this.stored.listStarted(trigger.namespace, trigger.id, readable);
      const fresh = readable.filter(({ id }) => !started.has(id));
      if (fresh.length === 0 || (await this.steps.together(trigger, fresh))) return;
      for (const event of fresh) await this.events.ingestFor(trigger, event);
    });
  }
}
