import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { listen } from '../api/event-stream.js';
import { address, read, segment } from '../api/http.js';
import type { ServerSentEvent } from '../api/sse.js';
import type { Execution, ExecutionProgress, HistoryEvent, Invocation } from '../api/types.js';
import { loadHistory, loadInvocations, withEvents, withInvocation } from './load-history.js';

/** While the stream is down, the page asks again this often. */
const pollMs = 3_000;

export interface LiveExecution {
  readonly execution: Execution | undefined;
  readonly history: readonly HistoryEvent[];
  readonly invocations: readonly Invocation[];
  readonly error: unknown;
  readonly isLive: boolean;
}

/** One execution, kept up to date by the gateway's stream, or by asking while there is none. */
export function useExecution(id: string): LiveExecution {
  const [isLive, setLive] = useState(false);
  const execution = useQuery({
    queryKey: ['execution', id],
    queryFn: ({ signal }) =>
      read<Execution>(address(`executions/${segment(id)}`, { includedData: 'NO_LARGE_DATA' }), signal),
    refetchInterval: (query) => (query.state.data?.status === 'RUNNING' && !isLive ? pollMs : false),
  });
  const isRunning = execution.data?.status === 'RUNNING';
  const refetchInterval = isRunning && !isLive ? pollMs : (false as const);
  const client = useQueryClient();
  const history = useQuery({
    queryKey: ['history', id],
    queryFn: async ({ signal }) => {
      const known = client.getQueryData<HistoryEvent[]>(['history', id]) ?? [];
      const more = await loadHistory(id, known.at(-1)?.id ?? 0, signal);
      return withEvents(client.getQueryData<HistoryEvent[]>(['history', id]) ?? [], more);
    },
    refetchInterval,
  });
  const invocations = useQuery({
    queryKey: ['invocations', id],
    queryFn: ({ signal }) => loadInvocations(id, signal),
    refetchInterval,
  });
  useLiveStream(id, isRunning && history.isSuccess && invocations.isSuccess, setLive);
  return {
    execution: execution.data,
    history: history.data ?? [],
    invocations: invocations.data ?? [],
    error: execution.error ?? history.error ?? invocations.error,
    isLive,
  };
}

function useLiveStream(id: string, isWanted: boolean, onConnection: (connected: boolean) => void): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!isWanted) return;
    const leaving = new AbortController();
    const last = client.getQueryData<HistoryEvent[]>(['history', id])?.at(-1);
    void listen(address(`executions/${segment(id)}/events`), {
      lastEventId: last && String(last.id),
      signal: leaving.signal,
      onEvent: (event) => apply(client, id, event),
      onConnection: (connected) => !leaving.signal.aborted && onConnection(connected),
      isOver: () => isOver(client, id),
    });
    return () => {
      leaving.abort();
      onConnection(false);
      // The last words of the stream and the end may cross: ask once more for what is final.
      for (const kind of ['history', 'invocations']) void client.invalidateQueries({ queryKey: [kind, id] });
    };
  }, [client, id, isWanted, onConnection]);
}

async function isOver(client: QueryClient, id: string): Promise<boolean> {
  await client.refetchQueries({ queryKey: ['execution', id] });
  return client.getQueryData<Execution>(['execution', id])?.status !== 'RUNNING';
}

function apply(client: QueryClient, id: string, { event, data }: ServerSentEvent): void {
  if (event === 'history') {
    const news = JSON.parse(data) as HistoryEvent;
    client.setQueryData<HistoryEvent[]>(['history', id], (known = []) => withEvents(known, [news]));
  } else if (event === 'invocation') {
    const news = JSON.parse(data) as Invocation;
    client.setQueryData<Invocation[]>(['invocations', id], (known = []) => withInvocation(known, news));
  } else if (event === 'progress') {
    const progress = JSON.parse(data) as ExecutionProgress;
    client.setQueryData<Execution>(['execution', id], (known) => known && { ...known, progress });
  } else if (event === 'execution') {
    const news = JSON.parse(data) as Partial<Execution>;
    client.setQueryData<Execution>(['execution', id], (known) => known && { ...known, ...news });
  }
}
