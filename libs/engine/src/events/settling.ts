import { type CloudEvent, OBJECT_CREATED, type Settle, settlingKey } from '@app/events';
import type { Trigger } from '../triggers/trigger.js';

export interface Settling {
  /** What must be seen: the object's own key, or that of its marker. */
  readonly key: string;
  readonly delaySeconds: number;
}

/** What the trigger must wait for before it starts for this event. Who replays an event does not mean to wait. */
export function settlingOf(trigger: Trigger, event: CloudEvent<unknown>): Settling | undefined {
  const settle = settleOf(trigger);
  if (!settle || event.type !== OBJECT_CREATED || 'spoolreplayof' in event) return undefined;
  const key = settlingKey(settle, event.subject ?? '');
  return { key, delaySeconds: 'marker' in settle ? 0 : settle.quietSeconds };
}

export const settleOf = (trigger: Trigger): Settle | undefined =>
  trigger.kind === 'object' ? trigger.source.settle : undefined;

const FIRST_LOOK_SECONDS = 5;
const LAST_LOOK_SECONDS = 300;

/** A marker's notification may be lost: it is looked for again, the more rarely the longer it has not come. */
export const nextLookSeconds = (ageSeconds: number): number =>
  Math.min(Math.max(ageSeconds / 10, FIRST_LOOK_SECONDS), LAST_LOOK_SECONDS);
