import { invokeQuery } from '../functions/functions.dto.js';

/** What a synchronous call asks for beside the function. */
export interface Asked {
  readonly qualifier: string | undefined;
  readonly waitMs: number;
}

export const NOTHING_ASKED: Asked = { qualifier: undefined, waitMs: 60_000 };

/** Which way a call may go must not depend on how its query is written; what is wrong with one is for the framework to say. */
const KNOWN = new Set(['mode', 'qualifier', 'cache', 'waitSeconds']);

/** Undefined for what is not synchronous, or not as it should be. */
export function askedOf(query: string): Asked | undefined {
  const all = [...new URLSearchParams(query)];
  const given = Object.fromEntries(all);
  if (Object.keys(given).length < all.length || all.some(([name]) => !KNOWN.has(name))) return undefined;
  const checked = invokeQuery.safeParse(given);
  if (!checked.success || checked.data.mode !== 'sync') return undefined;
  const { qualifier, waitSeconds } = checked.data;
  return { qualifier, waitMs: waitSeconds * 1_000 };
}
