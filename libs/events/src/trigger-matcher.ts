import type { CloudEvent } from './cloud-event.js';
import { objectConditions } from './object-conditions.js';
import { anchorSetsOf, ofLeaf } from './pattern/anchors.js';
import { AnchorIndex } from './pattern/anchor-index.js';
import type { EventPattern, Leaf, Rule } from './pattern/event-pattern.js';
import { explainLeaf, explainPattern, type ExplainedRule } from './pattern/explain-pattern.js';
import { leafHolds, matchesPattern, valuesAt } from './pattern/match-pattern.js';
import { readPattern } from './pattern/read-pattern.js';
import { exact } from './pattern/rules.js';
import { SCHEDULE_TICK, scheduleSourceOf } from './schedule-event.js';
import { TOPIC_MESSAGE } from './topic-event.js';
import type { EventSource, TriggerSource } from './trigger-source.js';
import { WEBHOOK_RECEIVED, webhookSourceOf } from './webhook-event.js';

/** A trigger as far as matching goes; the name is what tells one schedule's ticks from another's. */
export type Matchable = TriggerSource & { readonly name: string; readonly pattern?: unknown };

/** What a trigger waits for, compiled: what its source says and its pattern, in the same terms. */
export interface TriggerMatcher {
  readonly source: readonly Leaf[];
  readonly pattern: EventPattern | undefined;
}

export function triggerMatcher(trigger: Matchable): TriggerMatcher {
  const pattern = trigger.pattern === undefined ? undefined : readPattern(trigger.pattern, ['pattern']).pattern;
  return { source: conditionsOf(trigger), pattern };
}

const compiled = new WeakMap<object, TriggerMatcher>();

/** Compiled once for each trigger object. */
function matcherOf(trigger: Matchable): TriggerMatcher {
  const known = compiled.get(trigger);
  if (known) return known;
  const matcher = triggerMatcher(trigger);
  compiled.set(trigger, matcher);
  return matcher;
}

/** Whether the event is one that the trigger waits for. Both must be of the same namespace. */
export function matches(trigger: Matchable, event: CloudEvent<unknown>): boolean {
  const { source, pattern } = matcherOf(trigger);
  return (
    source.every((leaf) => leafHolds(leaf, valuesAt(leaf.path, event), event)) &&
    (pattern === undefined || matchesPattern(pattern, event))
  );
}

/** Why the event matches or does not, rule by rule; pointers go into the trigger. It matches if all rules do. */
export function explainMatch(trigger: Matchable, event: CloudEvent<unknown>): ExplainedRule[] {
  const { source, pattern } = matcherOf(trigger);
  return [...source.map((leaf) => explainLeaf(leaf, event)), ...(pattern ? explainPattern(pattern, event) : [])];
}

/** Many triggers, of which the few that an event matches are found without asking each. */
export class TriggerIndex<Trigger extends Matchable> {
  private readonly index: AnchorIndex<Trigger>;
  private readonly places: ReadonlyMap<Trigger, number>;

  constructor(triggers: readonly Trigger[]) {
    this.places = new Map(triggers.map((trigger, place) => [trigger, place]));
    this.index = new AnchorIndex(triggers.map((trigger) => ({ item: trigger, sets: setsOf(matcherOf(trigger)) })));
  }

  /** In the order in which the triggers were given. */
  match(event: CloudEvent<unknown>): Trigger[] {
    const found = [...this.index.candidates(event)].filter((trigger) => matches(trigger, event));
    return found.toSorted((a, b) => (this.places.get(a) ?? 0) - (this.places.get(b) ?? 0));
  }
}

const setsOf = ({ source, pattern }: TriggerMatcher) => [
  ...source.flatMap(ofLeaf),
  ...(pattern ? anchorSetsOf(pattern) : []),
];

function conditionsOf(trigger: Matchable): Leaf[] {
  switch (trigger.kind) {
    case 'object':
      return objectConditions(trigger.source);
    case 'topic':
      return [
        condition('/kind', 'type', TOPIC_MESSAGE),
        condition('/source/topic', 'source', `/topics/${trigger.source.topic}`),
      ];
    case 'schedule':
      return [condition('/kind', 'type', SCHEDULE_TICK), condition('/name', 'source', scheduleSourceOf(trigger.name))];
    case 'webhook':
      return [
        condition('/kind', 'type', WEBHOOK_RECEIVED),
        condition('/name', 'source', webhookSourceOf(trigger.name)),
      ];
    case 'event':
      return eventConditions(trigger.source);
  }
}

const eventConditions = ({ types, sources }: EventSource): Leaf[] => [
  ...(types ? [{ pointer: '/source/types', path: ['type'], rules: types.map(exact) }] : []),
  ...(sources ? [{ pointer: '/source/sources', path: ['source'], rules: sources.map(exact) }] : []),
];

const rule = (pointer: string, name: string, one: Rule): Leaf => ({ pointer, path: [name], rules: [one] });
const condition = (pointer: string, name: string, value: string): Leaf => rule(pointer, name, exact(value));
