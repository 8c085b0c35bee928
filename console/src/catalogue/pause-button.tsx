import { useMutation, useQueryClient } from '@tanstack/react-query';
import { address, post, segment } from '../api/http.js';
import type { Trigger } from '../api/types.js';
import { ProblemBox } from '../ui/problem-box.js';

/** Lets a trigger rest, or go on. */
export function PauseButton({ trigger: { name, enabled } }: { trigger: Trigger }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => post<Trigger>(address(`triggers/${segment(name)}/${enabled ? 'pause' : 'resume'}`), undefined),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['triggers'] }),
  });
  return (
    <>
      <button type="button" className="button" disabled={change.isPending} onClick={() => change.mutate()}>
        {enabled ? 'Pause' : 'Resume'}
      </button>
      {change.isError && <ProblemBox error={change.error} />}
    </>
  );
}
