import type { EventPattern, Leaf, Scalar } from './event-pattern.js';
import { isScalar } from './rules.js';

/**
 * Whether the event matches. Arrays in the event stand for each of their elements; what a pattern says of one object
 * must hold for one and the same element, as in EventBridge.
 */
export const matchesPattern = (pattern: EventPattern, event: unknown): boolean => groupHolds(pattern, event, event);

function groupHolds({ leaves, children, choices }: EventPattern, at: unknown, event: unknown): boolean {
  return (
    leaves.every((leaf) => leafHolds(leaf, field(at, leaf.path.at(-1) ?? ''), event)) &&
    children.every(({ key, group }) => objectsIn(field(at, key)).some((one) => groupHolds(group, one, event))) &&
    choices.every((choice) => choice.some((group) => groupHolds(group, at, event)))
  );
}

export function leafHolds({ path, rules }: Leaf, value: unknown, event: unknown): boolean {
  const scalars = scalarsIn(value);
  return rules.some((rule) => (rule.isAbsence ? isAbsent(path, event) : scalars.some(rule.test)));
}

/** Of the whole event, whichever element of an array is looked at: only values count as being there, not objects. */
const isAbsent = (path: readonly string[], event: unknown): boolean => valuesAt(path, event).length === 0;

/** Every value at the path, through all arrays. */
export function valuesAt(path: readonly string[], event: unknown): Scalar[] {
  const [key, ...rest] = path;
  if (key === undefined) return scalarsIn(event);
  return objectsIn(event).flatMap((one) => (one === undefined ? [] : valuesAt(rest, field(one, key))));
}

export function field(at: unknown, key: string): unknown {
  if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined;
  return Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined;
}

export function scalarsIn(value: unknown): Scalar[] {
  if (Array.isArray(value)) return value.flatMap(scalarsIn);
  return isScalar(value) ? [value] : [];
}

const NO_OBJECT = [undefined] as const;

/** Where there is none, one that has no fields: what asks for their absence holds there. */
export function objectsIn(value: unknown): readonly unknown[] {
  const found = flatObjects(value);
  return found.length > 0 ? found : NO_OBJECT;
}

function flatObjects(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(flatObjects);
  return typeof value === 'object' && value !== null ? [value] : [];
}
