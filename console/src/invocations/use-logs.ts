import { useQuery, useQueryClient } from '@tanstack/react-query';
import { address, read, segment } from '../api/http.js';
import type { LogLine, Page } from '../api/types.js';

/** The page keeps the end of a log; a talkative function must not fill the browser. */
export const mostLines = 5_000;
const pollMs = 1_000;

/** The lines of an invocation so far; while it is live, only what is new is asked for. */
export function useLogs(invocationId: string, isLive: boolean, isWanted: boolean) {
  const client = useQueryClient();
  const queryKey = ['logs', invocationId];
  return useQuery({
    // Its own key for the end: whatever was said between the last poll and the end is fetched once more.
    queryKey: [...queryKey, isLive],
    enabled: isWanted,
    queryFn: async ({ signal }) => {
      let lines = client.getQueryData<LogLine[]>(queryKey) ?? [];
      for (let fresh = await next(invocationId, lines, signal); fresh.length > 0; ) {
        lines = [...lines, ...fresh].slice(-mostLines);
        client.setQueryData(queryKey, lines);
        fresh = await next(invocationId, lines, signal);
      }
      return lines;
    },
    placeholderData: () => client.getQueryData<LogLine[]>(queryKey),
    refetchInterval: isLive ? pollMs : false,
  });
}

async function next(invocationId: string, known: readonly LogLine[], signal: AbortSignal): Promise<readonly LogLine[]> {
  const after = known.at(-1)?.id;
  const url = address(`invocations/${segment(invocationId)}/logs`, { after });
  const { items } = await read<Page<LogLine>>(url, signal);
  return items;
}
