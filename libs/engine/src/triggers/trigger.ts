import type { EventSource, ObjectSource, ScheduleSource, TopicSource, TriggerKind, WebhookSource } from '@app/events';
import type { Json } from '@app/workflow';
import type { QueryLanguage, TriggerTarget } from './new-trigger.js';
import type { TriggerEntity } from './trigger.entity.js';

interface TriggerOf<Kind extends TriggerKind, Source> {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: Kind;
  readonly source: Source;
  readonly target: TriggerTarget;
  /** Without it the target gets the event. */
  readonly input?: Json;
  /** How `input` and `executionName` are written. */
  readonly queryLanguage?: QueryLanguage;
  /** A template of what the execution is called. */
  readonly executionName?: string;
  /** Of the events of the source, only those that match are taken. */
  readonly pattern?: Json;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type ObjectTrigger = TriggerOf<'object', ObjectSource>;
export type TopicTrigger = TriggerOf<'topic', TopicSource>;
export type ScheduleTrigger = TriggerOf<'schedule', ScheduleSource>;
export type EventTrigger = TriggerOf<'event', EventSource>;
export type WebhookTrigger = TriggerOf<'webhook', WebhookSource>;
export type TriggerByKind = {
  object: ObjectTrigger;
  topic: TopicTrigger;
  schedule: ScheduleTrigger;
  event: EventTrigger;
  webhook: WebhookTrigger;
};
export type Trigger = TriggerByKind[TriggerKind];

/** With what will not stop it from working, but probably is not meant. */
export type DeployedTrigger = Trigger & { readonly warnings: readonly TriggerWarning[] };

export interface TriggerWarning {
  readonly pointer: string;
  readonly message: string;
}

export function toTrigger({ input, pattern, queryLanguage, executionName, ...row }: TriggerEntity): Trigger {
  const optional = { input, pattern, queryLanguage, executionName };
  const given = Object.entries(optional).filter(([, value]) => value !== null);
  return { ...row, ...Object.fromEntries(given) } as Trigger;
}
