import type { EventPattern, Leaf, Scalar } from './event-pattern.js';
import { leafHolds, matchesPattern, valuesAt } from './match-pattern.js';

export interface ExplainedRule {
  /** Where the rule stands. */
  readonly pointer: string;
  /** Which field of the event it is about. */
  readonly field: string;
  /** Of these, one must hold. */
  readonly expected: readonly unknown[];
  /** What the event has there; the first few of many. */
  readonly actual: readonly Scalar[];
  readonly matched: boolean;
  /** What the other members do not say. */
  readonly note?: string;
}

const MAX_VALUES = 10;

/** Each rule of the pattern with what the event has in its place. The event matches if all of them do. */
export function explainPattern(pattern: EventPattern, event: unknown): ExplainedRule[] {
  const rules = explainGroup(pattern, event);
  if (matchesPattern(pattern, event) || rules.some(({ matched }) => !matched)) return rules;
  const note = 'each rule holds for some element of an array, but no element meets all of them';
  return [...rules, { pointer: '', field: '', expected: [], actual: [], matched: false, note }];
}

const explainGroup = ({ leaves, children, choices }: EventPattern, event: unknown): ExplainedRule[] => [
  ...leaves.map((leaf) => explainLeaf(leaf, event)),
  ...children.flatMap(({ group }) => explainGroup(group, event)),
  ...choices.flatMap((choice) => explainChoice(choice, event)),
];

export function explainLeaf(leaf: Leaf, event: unknown): ExplainedRule {
  const values = valuesAt(leaf.path, event);
  return {
    pointer: leaf.pointer,
    field: leaf.path.join('.'),
    expected: leaf.rules.map(({ written }) => written),
    actual: values.slice(0, MAX_VALUES),
    matched: leafHolds(leaf, values, event),
  };
}

/** The branch that holds, or all of them with the reason. */
function explainChoice(choice: readonly EventPattern[], event: unknown): ExplainedRule[] {
  const branches = choice.map((group) => explainGroup(group, event));
  const holding = branches.find((rules) => rules.every(({ matched }) => matched));
  return holding ?? branches.flat().map((rule) => ({ ...rule, note: 'one branch of $or must match' }));
}
