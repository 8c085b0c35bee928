import { useMutation, useQueryClient } from '@tanstack/react-query';
import { address, post, segment } from '../api/http.js';
import type { Execution } from '../api/types.js';
import { ProblemBox } from '../ui/problem-box.js';

/** Nothing is lost by it, so it asks no question. */
export function RedriveButton({ execution }: { execution: Execution }) {
  const client = useQueryClient();
  const redrive = useMutation({
    mutationFn: () => post(address(`executions/${segment(execution.id)}/redrive`), {}),
    onSuccess: async () => {
      for (const kind of ['execution', 'history', 'invocations', 'map-runs'])
        await client.invalidateQueries({ queryKey: [kind, execution.id] });
    },
  });
  return (
    <>
      {redrive.isError && <ProblemBox error={redrive.error} />}
      <button
        type="button"
        className="button"
        disabled={redrive.isPending}
        title="Goes on from where it failed; what has succeeded is kept"
        onClick={() => redrive.mutate()}
      >
        {redrive.isPending ? 'Redriving…' : 'Redrive'}
      </button>
    </>
  );
}
