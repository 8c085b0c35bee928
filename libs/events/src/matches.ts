import type { CloudEvent } from './cloud-event.js';
import { OBJECT_CREATED, OBJECT_REMOVED } from './object-event.js';
import { SCHEDULE_TICK, scheduleSourceOf } from './schedule-event.js';
import { TOPIC_MESSAGE } from './topic-event.js';
import type { ObjectSource, TriggerSource } from './trigger-source.js';

/** A trigger as far as matching goes; the name is what tells one schedule's ticks from another's. */
export type Matchable = TriggerSource & { readonly name: string };

/** Whether the event is one that the trigger waits for. Both must be of the same namespace. */
export function matches(trigger: Matchable, event: CloudEvent<unknown>): boolean {
  switch (trigger.kind) {
    case 'object':
      return matchesObject(trigger.source, event);
    case 'topic':
      return event.type === TOPIC_MESSAGE && event.source === `/topics/${trigger.source.topic}`;
    case 'schedule':
      return event.type === SCHEDULE_TICK && event.source === scheduleSourceOf(trigger.name);
  }
}

const TYPES = { created: OBJECT_CREATED, removed: OBJECT_REMOVED } as const;

function matchesObject(
  { bucket, events, prefix = '', suffix = '' }: ObjectSource,
  event: CloudEvent<unknown>,
): boolean {
  const key = event.subject ?? '';
  return (
    event.source === `/objects/${bucket}` &&
    events.some((change) => TYPES[change] === event.type) &&
    key.startsWith(prefix) &&
    key.endsWith(suffix)
  );
}
