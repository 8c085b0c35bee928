import { address, read, segment } from '../api/http.js';
import type { HistoryEvent, Invocation, Page } from '../api/types.js';

/** More than this is not read into a page; the HTTP API gives the rest. */
export const mostEvents = 10_000;
const mostInvocations = 1_000;
const pageSize = 500;

/** The history behind the event `after`, page by page. */
export async function loadHistory(id: string, after: number, signal?: AbortSignal): Promise<HistoryEvent[]> {
  const all: HistoryEvent[] = [];
  let last = after;
  while (all.length < mostEvents) {
    const url = address(`executions/${segment(id)}/history`, { after: last || undefined, limit: pageSize });
    const { items } = await read<Page<HistoryEvent>>(url, signal);
    const fresh = items.filter((event) => event.id > last);
    all.push(...fresh);
    if (fresh.length === 0) break;
    last = fresh.at(-1)?.id ?? last;
  }
  return all;
}

export async function loadInvocations(id: string, signal?: AbortSignal): Promise<Invocation[]> {
  const all: Invocation[] = [];
  let cursor: string | undefined;
  do {
    const page = await read<Page<Invocation>>(address('invocations', { execution: id, limit: 200, cursor }), signal);
    all.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor && all.length < mostInvocations);
  return all.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
}

/** Events by id, each once, in order: the stream and the pages may bring the same one. */
export function withEvents(known: readonly HistoryEvent[], more: readonly HistoryEvent[]): HistoryEvent[] {
  const last = known.at(-1)?.id ?? 0;
  if (more.every((event, index) => event.id > (more[index - 1]?.id ?? last))) return [...known, ...more];
  const byId = new Map([...known, ...more].map((event) => [event.id, event]));
  return [...byId.values()].toSorted((a, b) => a.id - b.id);
}

/** A later attempt, or a later word on the same attempt, replaces what was known. */
export function withInvocation(known: readonly Invocation[], news: Invocation): Invocation[] {
  const index = known.findIndex((one) => one.id === news.id);
  if (index < 0) return [...known, news];
  const before = known[index] as Invocation;
  if (news.attempt < before.attempt || (isOver(before) && !isOver(news) && news.attempt === before.attempt))
    return [...known];
  return known.with(index, news);
}

export function isOver(invocation: Pick<Invocation, 'status'>): boolean {
  return !['QUEUED', 'RUNNING', 'PUBLISHING'].includes(invocation.status);
}
