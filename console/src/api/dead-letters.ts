import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { address, post, read, segment, send } from './http.js';
import type { DeadLetter, Page } from './types.js';

const LIST = ['dead-letters'];

export function useDeadLetters() {
  return useInfiniteQuery({
    queryKey: LIST,
    queryFn: ({ signal, pageParam: cursor }) =>
      read<Page<DeadLetter>>(address('dead-letters', { limit: 50, cursor }), signal),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: 10_000,
  });
}

export function useDeadLetter(id: string) {
  return useQuery({
    queryKey: ['dead-letter', id],
    queryFn: ({ signal }) => read<DeadLetter>(address(`dead-letters/${segment(id)}`), signal),
  });
}

/** A destination that was told has started nothing of which the API knows. */
interface Redriven {
  readonly started?: { readonly targetKind: string };
}

export function useRedrive(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<Redriven>(address(`dead-letters/${segment(id)}/redrive`), {}),
    onSuccess: async () => {
      for (const queryKey of [LIST, ['dead-letter', id]]) await client.invalidateQueries({ queryKey });
    },
  });
}

/** How many of a trigger wait to be replayed, of the newest fifty. */
export function useWaitingLetters(trigger: string) {
  return useQuery({
    queryKey: [...LIST, 'of', trigger],
    queryFn: async ({ signal }) => {
      const { items } = await read<Page<DeadLetter>>(address('dead-letters', { limit: 50, trigger }), signal);
      return items.filter(({ redrivenAt }) => redrivenAt === null).length;
    },
    refetchInterval: 10_000,
  });
}

/** All of a trigger, a thousand at a time. */
export function useRedriveAll(trigger: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<{ readonly redriven: number }>(address('dead-letters/redrive'), { trigger, limit: 1_000 }),
    onSuccess: () => client.invalidateQueries({ queryKey: LIST }),
  });
}

export function useDeletion(id: string, onDeleted: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send(address(`dead-letters/${segment(id)}`), { method: 'DELETE' }),
    onSuccess: async () => {
      onDeleted();
      client.removeQueries({ queryKey: ['dead-letter', id] });
      await client.invalidateQueries({ queryKey: LIST });
    },
  });
}
