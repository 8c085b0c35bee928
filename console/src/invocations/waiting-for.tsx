import { useQuery } from '@tanstack/react-query';
import { address, read, segment } from '../api/http.js';
import type { Invocation } from '../api/types.js';

/** What an invocation in the queue waits for: asked for by itself, as it changes without the invocation. */
export function WaitingFor({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: ['waiting', id],
    queryFn: ({ signal }) => read<Invocation>(address(`invocations/${segment(id)}`), signal),
    refetchInterval: 3_000,
  });
  const reasons = data?.waiting?.reasons ?? [];
  if (reasons.length === 0) return null;
  return <p className="muted small">{reasons.map(({ message }) => message).join('. ')}.</p>;
}
