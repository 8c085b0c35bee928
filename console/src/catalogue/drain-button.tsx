import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { address, post, segment } from '../api/http.js';
import type { Executor } from '../api/types.js';
import { ProblemBox } from '../ui/problem-box.js';

/** Asks an executor to stop, after a question. */
export function DrainButton({ executor: { id, name, state } }: { executor: Executor }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const queries = useQueryClient();
  const drain = useMutation({
    mutationFn: () => post(address(`executors/${segment(id)}/drain`), undefined),
    onSuccess: () => {
      dialog.current?.close();
      void queries.invalidateQueries({ queryKey: ['executor', id] });
      void queries.invalidateQueries({ queryKey: ['executors'] });
    },
  });
  return (
    <>
      <button
        type="button"
        className="button danger"
        disabled={state !== 'active'}
        onClick={() => dialog.current?.showModal()}
      >
        Drain
      </button>
      <dialog ref={dialog} aria-labelledby="drain-title">
        <h2 id="drain-title">Drain this executor?</h2>
        <p>
          <strong>{name}</strong> takes no more tasks, finishes what it can in its time, hands the rest back to the
          queue, and ends. Whatever has started it may start it again.
        </p>
        {drain.isError && <ProblemBox error={drain.error} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Let it work
          </button>
          <button
            type="button"
            className="button danger solid"
            disabled={drain.isPending}
            onClick={() => drain.mutate()}
          >
            {drain.isPending ? 'Asking…' : 'Drain the executor'}
          </button>
        </div>
      </dialog>
    </>
  );
}
