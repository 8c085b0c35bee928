/** What JSON can say. Mutable and plain on purpose, so that it fits any other description of JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** As deep as the workflow language takes data, so that everything else may recurse. */
const MAX_DEPTH = 1_000;

/**
 * Whether a row can hold the value: Postgres' jsonb has neither NUL nor half of a surrogate pair, of which
 * JSON.stringify escapes exactly these, behind an even number of backslashes; and nothing too deep to walk through.
 */
export const isStorable = (value: unknown): boolean =>
  isWithin(value, MAX_DEPTH) && !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(JSON.stringify(value) ?? '');

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((child) => isWithin(child, levels - 1));
}
