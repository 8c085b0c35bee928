import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { address, put } from '../api/http.js';
import { useQuota } from '../api/queries.js';
import type { Quota } from '../api/types.js';
import { Loading } from '../ui/loading.js';
import { Meter } from '../ui/meter.js';
import { ProblemBox } from '../ui/problem-box.js';
import { useTitle } from '../ui/use-title.js';

type Limits = Pick<Quota, 'maxRunning' | 'maxQueued'>;

/** What the functions of the key's namespace may have at the same time, and have. */
export function QuotasPage() {
  useTitle('Quotas');
  const { data: quota, error, refetch } = useQuota();
  return (
    <>
      <div className="page-head">
        <h1>Quotas</h1>
      </div>
      {error != null && <ProblemBox error={error} onRetry={() => void refetch()} />}
      {!quota && error == null && <Loading what="the quota" />}
      {quota && (
        <>
          <section className="card" aria-labelledby="use-title">
            <h2 id="use-title">In use now</h2>
            <Meter label="Tasks that run" used={quota.running} total={quota.maxRunning} />
            <Meter label="Tasks that wait" used={quota.queued} total={quota.maxQueued} />
          </section>
          <QuotaForm key={`${quota.maxRunning} ${quota.maxQueued}`} quota={quota} />
        </>
      )}
    </>
  );
}

const numberOf = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text));

function QuotaForm({ quota }: { quota: Quota }) {
  const queries = useQueryClient();
  const [running, setRunning] = useState(quota.maxRunning?.toString() ?? '');
  const [queued, setQueued] = useState(quota.maxQueued?.toString() ?? '');
  const save = useMutation({
    mutationFn: (limits: Limits) => put<Quota>(address('quotas'), limits),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['quota'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ maxRunning: numberOf(running), maxQueued: numberOf(queued) });
  };
  const isLimited = quota.maxRunning !== undefined || quota.maxQueued !== undefined;
  return (
    <form className="card" aria-labelledby="limits-title" onSubmit={submit}>
      <h2 id="limits-title">Limits</h2>
      <p>
        Of all functions of your namespace together. More than may run waits; a direct call that finds as many waiting
        as may is refused. Tasks of workflows always queue. An empty field is no limit.
      </p>
      <p className="filters">
        <LimitField label="May run" value={running} onChange={setRunning} />
        <LimitField label="May wait" value={queued} onChange={setQueued} />
      </p>
      {save.isError && <ProblemBox error={save.error} />}
      <div className="dialog-buttons">
        <button
          type="button"
          className="button"
          disabled={!isLimited || save.isPending}
          onClick={() => save.mutate({})}
        >
          Remove the limits
        </button>
        <button type="submit" className="button" disabled={save.isPending}>
          Save the limits
        </button>
      </div>
    </form>
  );
}

interface LimitFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function LimitField({ label, value, onChange }: LimitFieldProps) {
  return (
    <label>
      {label}{' '}
      <input
        type="number"
        min={0}
        max={10_000_000}
        step={1}
        placeholder="no limit"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}
