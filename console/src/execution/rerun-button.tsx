import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { address, post, segment } from '../api/http.js';
import { useDefinition } from '../api/queries.js';
import type { Execution, Json } from '../api/types.js';
import { ProblemBox } from '../ui/problem-box.js';

/** Starts a new execution at any state of this one. */
export function RerunButton({ execution }: { execution: Execution }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const navigate = useNavigate();
  const definition = useDefinition(execution.workflow, execution.version);
  const states = Object.keys(definition.data?.States ?? {});
  const start = definition.data?.StartAt;
  const [from, setFrom] = useState<string>();
  const [input, setInput] = useState('');
  const rerun = useMutation({
    mutationFn: async () => {
      const given = input.trim() === '' ? {} : { input: JSON.parse(input) as Json };
      return post<Execution>(address(`executions/${segment(execution.id)}/rerun`), { from: from ?? start, ...given });
    },
    onSuccess: ({ id }) => {
      dialog.current?.close();
      void navigate(`/executions/${segment(id)}`);
    },
  });
  return (
    <>
      <button type="button" className="button" onClick={() => dialog.current?.showModal()}>
        Rerun
      </button>
      <dialog ref={dialog} aria-labelledby="rerun-title">
        <h2 id="rerun-title">Run it again</h2>
        <p>A new execution of version {execution.version} begins at the state that you choose.</p>
        <RerunFields states={states} from={from ?? start} input={input} onFrom={setFrom} onInput={setInput} />
        {rerun.isError && <ProblemBox error={rerun.error} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" className="button solid" disabled={rerun.isPending} onClick={() => rerun.mutate()}>
            {rerun.isPending ? 'Starting…' : 'Start the execution'}
          </button>
        </div>
      </dialog>
    </>
  );
}

interface FieldsProps {
  readonly states: readonly string[];
  readonly from: string | undefined;
  readonly input: string;
  readonly onFrom: (state: string) => void;
  readonly onInput: (text: string) => void;
}

function RerunFields({ states, from, input, onFrom, onInput }: FieldsProps) {
  return (
    <>
      <label>
        <span>From state</span>
        <select value={from} onChange={(event) => onFrom(event.target.value)}>
          {states.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Input, if it is to be another one than the state had (JSON)</span>
        <textarea rows={6} value={input} onChange={(event) => onInput(event.target.value)} spellCheck={false} />
      </label>
    </>
  );
}
