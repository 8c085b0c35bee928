import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { address, post, segment } from '../api/http.js';
import type { Execution } from '../api/types.js';
import { ProblemBox } from '../ui/problem-box.js';

export function StopButton({ execution }: { execution: Execution }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () =>
      post(address(`executions/${segment(execution.id)}/stop`), {
        error: 'Stopped',
        cause: 'Stopped by a person in the console',
      }),
    onSuccess: () => {
      dialog.current?.close();
      for (const kind of ['execution', 'history', 'invocations']) {
        void client.invalidateQueries({ queryKey: [kind, execution.id] });
      }
    },
  });
  return (
    <>
      <button type="button" className="button danger" onClick={() => dialog.current?.showModal()}>
        Stop
      </button>
      <dialog ref={dialog} aria-labelledby="stop-title">
        <h2 id="stop-title">Stop this execution?</h2>
        <p>
          Everything that runs for <strong>{execution.name}</strong> is ended now. What was already written stays; what
          is half done is thrown away. A redrive goes on from the states that are stopped.
        </p>
        {stop.isError && <ProblemBox error={stop.error} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Keep it running
          </button>
          <button type="button" className="button danger solid" disabled={stop.isPending} onClick={() => stop.mutate()}>
            {stop.isPending ? 'Stopping…' : 'Stop the execution'}
          </button>
        </div>
      </dialog>
    </>
  );
}
