import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useRef } from 'react';
import { address, patch, segment } from '../api/http.js';
import type { MapRun } from '../api/types.js';
import { ProblemBox } from '../ui/problem-box.js';

const FIELDS = [
  ['maxConcurrency', 'Executions at once, 0 for no limit'],
  ['toleratedFailureCount', 'Items that may fail'],
  ['toleratedFailurePercentage', 'Of a hundred items, how many may fail'],
] as const;

/** Changes a map run while it runs. */
export function MapRunButton({ mapRun }: { mapRun: MapRun }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (wanted: object) => patch(address(`map-runs/${segment(mapRun.id)}`), wanted),
    onSuccess: async () => {
      dialog.current?.close();
      await queries.invalidateQueries({ queryKey: ['map-runs'] });
    },
  });
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = [...new FormData(event.currentTarget)].filter(([, value]) => value !== '');
    change.mutate(Object.fromEntries(given.map(([name, value]) => [name, Number(value)])));
  };
  return (
    <>
      <button type="button" className="button" onClick={() => dialog.current?.showModal()}>
        Change
      </button>
      <dialog ref={dialog} aria-labelledby={`change-${mapRun.id}`}>
        <h2 id={`change-${mapRun.id}`}>Change this map run</h2>
        <p>What has begun goes on. What is left empty stays as it is.</p>
        <form onSubmit={submit}>
          {FIELDS.map(([name, label]) => (
            <label key={name}>
              <span>{label}</span>
              <input name={name} type="number" min={0} step="any" defaultValue={mapRun[name] ?? ''} />
            </label>
          ))}
          {change.isError && <ProblemBox error={change.error} />}
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" className="button solid" disabled={change.isPending}>
              {change.isPending ? 'Saving…' : 'Save'}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
