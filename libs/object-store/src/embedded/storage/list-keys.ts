import type { KeyIndex } from './key-index.js';

export interface KeyQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** A key or a common prefix of an earlier page; the listing goes on behind it. */
  readonly after: string;
  readonly limit: number;
}

export interface KeyPage<T> {
  readonly items: readonly T[];
  readonly commonPrefixes: readonly string[];
  /** The last thing listed, when there is more. */
  readonly next?: string;
}

/** One page. A common prefix is stepped over by a search, so a folder costs the same with one key or a million. */
export function listKeys<T>(index: KeyIndex<T>, query: KeyQuery): KeyPage<T> {
  const items: T[] = [];
  const commonPrefixes: string[] = [];
  let last = '';
  let position = startOf(index, query);
  for (;;) {
    const key = index.keyAt(position);
    if (query.limit === 0 || key === undefined || !key.startsWith(query.prefix)) return { items, commonPrefixes };
    if (items.length + commonPrefixes.length === query.limit) return { items, commonPrefixes, next: last };
    const folder = commonPrefixOf(key, query);
    if (folder === undefined) {
      items.push(index.get(key)!);
      position++;
    } else {
      commonPrefixes.push(folder);
      position = index.positionAfterPrefix(folder);
    }
    last = folder ?? key;
  }
}

function startOf<T>(index: KeyIndex<T>, query: KeyQuery): number {
  const first = index.positionFrom(query.prefix);
  if (query.after === '') return first;
  const isFolder = query.after.startsWith(query.prefix) && commonPrefixOf(query.after, query) === query.after;
  return Math.max(first, isFolder ? index.positionAfterPrefix(query.after) : index.positionAfter(query.after));
}

function commonPrefixOf(key: string, { prefix, delimiter }: KeyQuery): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
