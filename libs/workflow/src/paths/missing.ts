import { isObject, member } from '../json.js';
import type { Json } from '../model.js';

/** Why the names and indexes lead nowhere, in AWS's words, which are those of its library (Jayway's). */
export function whyMissing(root: Json, keys: readonly (string | number)[]): string {
  let value = root;
  let place = '$';
  for (const [index, key] of keys.entries()) {
    const refused = refusal(value, key, place);
    if (refused !== undefined) return refused;
    const next = typeof key === 'number' ? (value as Json[]).at(key) : member(value as { [name: string]: Json }, key);
    place += step(key);
    if (next === undefined) {
      const isLast = index === keys.length - 1;
      if (!isLast && typeof key === 'string') return `Missing property in path ${place}`;
      break;
    }
    value = next;
  }
  return `No results for path: $${keys.map(step).join('')}`;
}

/** Of what has no such members at all. */
function refusal(value: Json, key: string | number, place: string): string | undefined {
  if (typeof key === 'string') return isObject(value) ? undefined : `Property ${step(key)} not found in path ${place}`;
  if (Array.isArray(value)) return undefined;
  if (value === null) return `The path ${place} is null`;
  return `Filter: ${step(key)} can only be applied to arrays. Current context is: ${shown(value)}`;
}

const step = (key: string | number): string => (typeof key === 'number' ? `[${key}]` : `['${key}']`);
const shown = (value: Json): string => JSON.stringify(value).slice(0, 10_000);
