/** NUL, or half of a surrogate pair: neither fits into Postgres' jsonb. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/** Whether Postgres' jsonb can hold the value. JSON.stringify escapes exactly what it cannot. */
export function isStorable(value: unknown): boolean {
  const text = JSON.stringify(value) ?? '';
  return !text.includes('\\u') || !UNSTORABLE.test(text);
}

/** The text with what Postgres cannot hold shown as U+FFFD. */
export const storableText = (text: string): string =>
  text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');

/** A JSON text that may say something unstorable; most say nothing of the kind, and need no walk through their value. */
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

/** Where in the value of a JSON text the first string or name stands that Postgres' jsonb cannot hold. */
export function findUnstorable(text: string, value: unknown): PropertyKey[] | undefined {
  return text.includes('\\u') && SUSPECT.test(text) ? placeOfUnstorable(value, []) : undefined;
}

function placeOfUnstorable(value: unknown, path: PropertyKey[]): PropertyKey[] | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, child] of Object.entries(value)) {
    const place = isStorable(name) ? placeOfUnstorable(child, [...path, name]) : path;
    if (place) return place;
  }
  return undefined;
}
