import { type CloudEvent, type ExplainedRule, explainMatch } from '@app/events';
import { AslFailure, type Failure, type Json } from '@app/workflow';
import { Injectable } from '@nestjs/common';
import { type Transformed, transformed } from '../triggers/transformation.js';
import type { DeployedTrigger, Trigger } from '../triggers/trigger.js';
import { TriggersService } from '../triggers/triggers.service.js';
import { DeliveryRepository, type WaitingDelivery } from './delivery.repository.js';
import { EventRepository, type EventStart } from './event.repository.js';
import { EventNotFound } from './events.errors.js';

export interface Explanation {
  /** Whether the trigger, as it is now, takes the event. */
  readonly matched: boolean;
  readonly rules: readonly ExplainedRule[];
  /** Of the rules that refuse it, where they stand. */
  readonly refusedBy: readonly string[];
  /** What the target is given; not told where the event does not match. */
  readonly transformed?: Transformed;
  /** Why that cannot be made: such an event goes to the dead letters. */
  readonly failure?: Failure;
  /** What it waits for before it starts; only of an event that is stored. */
  readonly waits?: WaitingDelivery;
  /** What the event started when it came; only of an event that is stored. */
  readonly started?: Omit<EventStart, 'trigger'>;
}

/** Answers "why did this start nothing?", rule by rule. Nothing is started. */
@Injectable()
export class ExplanationsService {
  constructor(
    private readonly triggers: TriggersService,
    private readonly events: EventRepository,
    private readonly deliveries: DeliveryRepository,
  ) {}

  async explain(namespace: string, trigger: string, event: CloudEvent<unknown>): Promise<Explanation> {
    return this.explainFor(await this.triggers.get(namespace, trigger), event);
  }

  /** For a trigger that need not be there; nothing is made. */
  async test(
    namespace: string,
    wanted: unknown,
    event: CloudEvent<unknown>,
  ): Promise<Explanation & Pick<DeployedTrigger, 'warnings'>> {
    const trigger = await this.triggers.inspect(namespace, wanted);
    return { ...this.explainFor(trigger, event), warnings: trigger.warnings };
  }

  private explainFor(found: Trigger, event: CloudEvent<unknown>): Explanation {
    const isOn = { pointer: '/enabled', field: '', expected: [true], actual: [found.enabled], matched: found.enabled };
    const rules = [isOn, ...explainMatch(found, event)];
    const refusedBy = rules.filter(({ matched }) => !matched).map(({ pointer }) => pointer);
    const matched = refusedBy.length === 0;
    return { matched, rules, refusedBy, ...(matched && attempt(found, event)) };
  }

  /** For an event that came before. */
  async explainStored(namespace: string, trigger: string, source: string, id: string): Promise<Explanation> {
    const event = await this.events.find(namespace, source, id);
    if (!event) throw new EventNotFound(source, id);
    const explanation = await this.explain(namespace, trigger, event);
    const found = await this.triggers.get(namespace, trigger);
    const started = await this.events.findStart(found.id, namespace, event);
    const waits = started ? undefined : await this.deliveries.findWaiting(found.id, source, id);
    return { ...explanation, ...(started && { started }), ...(waits && { waits }) };
  }
}

function attempt(trigger: Trigger, event: CloudEvent<unknown>): Pick<Explanation, 'transformed' | 'failure'> {
  try {
    return { transformed: transformed(trigger, event as unknown as Json) };
  } catch (error) {
    if (!(error instanceof AslFailure)) throw error;
    return { failure: { error: error.error, cause: String(error.cause) } };
  }
}
