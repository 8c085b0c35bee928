import { setTimeout as sleep } from 'node:timers/promises';
import { HEARTBEAT, type ServerSentEvent } from './server-sent-events.js';

const LOOK_MS = 1_000;
const HEARTBEAT_MS = 15_000;

export interface Followed<Item> {
  /** The name of the event of one that is new or has changed. One that is there no more is told of by `gone`. */
  readonly event: string;
  readonly look: () => Promise<readonly Item[]>;
  /** What of it, changed, is news. */
  readonly news: (item: Item) => unknown;
}

/** A list as it changes, for server-sent events. */
export async function* follow<Item extends { readonly id: string }>(
  { event, look, news }: Followed<Item>,
  signal: AbortSignal,
): AsyncGenerator<ServerSentEvent | typeof HEARTBEAT> {
  const seen = new Map<string, string>();
  let spokeAt = Date.now();
  while (!signal.aborted) {
    const now = await look();
    const changed = now.filter((item) => isNews(seen, item.id, JSON.stringify(news(item))));
    const there = new Set(now.map(({ id }) => id));
    const gone = [...seen.keys()].filter((id) => !there.has(id));
    for (const id of gone) seen.delete(id);
    for (const item of changed) yield { event, data: item };
    for (const id of gone) yield { event: 'gone', data: { id } };
    if (changed.length + gone.length > 0) spokeAt = Date.now();
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    if (Date.now() - spokeAt < HEARTBEAT_MS) continue;
    yield HEARTBEAT;
    spokeAt = Date.now();
  }
}

function isNews(seen: Map<string, string>, id: string, text: string): boolean {
  const isNew = seen.get(id) !== text;
  seen.set(id, text);
  return isNew;
}
