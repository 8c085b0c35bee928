import { type CloudEvent, type ExplainedRule, explainMatch } from '@app/events';
import { Injectable } from '@nestjs/common';
import { TriggersService } from '../triggers/triggers.service.js';
import { EventRepository, type EventStart } from './event.repository.js';
import { EventNotFound } from './events.errors.js';

export interface Explanation {
  /** Whether the trigger, as it is now, takes the event. */
  readonly matched: boolean;
  readonly rules: readonly ExplainedRule[];
  /** Of the rules that refuse it, where they stand. */
  readonly refusedBy: readonly string[];
  /** What the event started when it came; only of an event that is stored. */
  readonly started?: Omit<EventStart, 'trigger'>;
}

/** Answers "why did this start nothing?", rule by rule. Nothing is started. */
@Injectable()
export class ExplanationsService {
  constructor(
    private readonly triggers: TriggersService,
    private readonly events: EventRepository,
  ) {}

  async explain(namespace: string, trigger: string, event: CloudEvent<unknown>): Promise<Explanation> {
    const found = await this.triggers.get(namespace, trigger);
    const isOn = { pointer: '/enabled', field: '', expected: [true], actual: [found.enabled], matched: found.enabled };
    const rules = [isOn, ...explainMatch(found, event)];
    const refusedBy = rules.filter(({ matched }) => !matched).map(({ pointer }) => pointer);
    return { matched: refusedBy.length === 0, rules, refusedBy };
  }

  /** For an event that came before. */
  async explainStored(namespace: string, trigger: string, source: string, id: string): Promise<Explanation> {
    const event = await this.events.find(namespace, source, id);
    if (!event) throw new EventNotFound(source, id);
    const explanation = await this.explain(namespace, trigger, event);
    const found = await this.triggers.get(namespace, trigger);
    const started = await this.events.findStart(found.id, namespace, event);
    return { ...explanation, ...(started && { started }) };
  }
}
