import type { Json } from './json.js';

/** Larger values stay with what they are of: events are for matching and for telling people. */
const MAX_VALUE_CHARACTERS = 65_536;

/** Those that can be told, and the names of those that are too large. */
export function toldValues(values: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const all = Object.entries(values).filter((pair): pair is [string, Json] => pair[1] !== undefined);
  const omitted = all.filter(isLarge).map(([name]) => name);
  return { ...Object.fromEntries(all.filter((pair) => !isLarge(pair))), ...(omitted.length > 0 && { omitted }) };
}

const isLarge = ([, value]: [string, unknown]): boolean => JSON.stringify(value).length > MAX_VALUE_CHARACTERS;
