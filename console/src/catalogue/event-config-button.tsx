import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { address, put, segment } from '../api/http.js';
import type { EventInvokeConfig } from '../api/types.js';
import { ProblemBox } from '../ui/problem-box.js';

/** Changes how asynchronous invocations are retried and who is told, as the JSON that the API takes. */
export function EventConfigButton({ name, config }: { name: string; config: EventInvokeConfig }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const save = useMutation({
    mutationFn: () => put(address(`functions/${segment(name)}/event-invoke-config`), JSON.parse(text)),
    onSuccess: async () => {
      dialog.current?.close();
      await queries.invalidateQueries({ queryKey: ['event-config', name] });
    },
  });
  const open = () => {
    setText(JSON.stringify(config, null, 2));
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" className="button" onClick={open}>
        Retries and destinations
      </button>
      <dialog ref={dialog} aria-labelledby="event-config-title">
        <h2 id="event-config-title">Asynchronous invocations of {name}</h2>
        <p>
          onSuccess and onFailure name who is told: {'{ "topic": … }'}, {'{ "function": … }'} or {'{ "workflow": … }'}.
        </p>
        <label>
          <span>Configuration (JSON)</span>
          <textarea rows={12} value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} />
        </label>
        {save.isError && <ProblemBox error={save.error} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" className="button solid" disabled={save.isPending} onClick={() => save.mutate()}>
            {save.isPending ? 'Saving…' : 'Save'}
          </button>
        </div>
      </dialog>
    </>
  );
}
