/** NUL, or half of a surrogate pair: neither fits into Postgres' jsonb. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/** Whether Postgres' jsonb can hold the value. JSON.stringify escapes exactly what it cannot. */
export const isStorable = (value: unknown): boolean => !UNSTORABLE.test(JSON.stringify(value) ?? '');

/** The text with what Postgres cannot hold shown as U+FFFD. */
export const storableText = (text: string): string =>
  text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
