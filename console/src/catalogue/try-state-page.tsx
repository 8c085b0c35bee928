import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { address, post } from '../api/http.js';
import { useDefinition } from '../api/queries.js';
import type { Json, MachineDefinition } from '../api/types.js';
import { JsonView } from '../ui/json-view.js';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { useTitle } from '../ui/use-title.js';
import { machinesByState } from './states-of.js';
import { type Tried, TriedState } from './tried-state.js';

/** TestState: one state of a workflow with an input, nothing run, and each step of its data. */
export function TryStatePage() {
  const { name = '' } = useParams();
  useTitle(`Try a state of ${name}`);
  const { data, error, isPending } = useDefinition(name, undefined);
  return (
    <>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/workflows">Workflows</Link> / <Link to={`/workflows/${encodeURIComponent(name)}`}>{name}</Link>
      </nav>
      <div className="page-head">
        <h1>Try a state</h1>
      </div>
      {isPending && <Loading what="the workflow" />}
      {error && <ProblemBox error={error} />}
      {data && <TryState definition={data} />}
    </>
  );
}

const MOCKS = { none: '', result: '{}', error: '{ "error": "States.TaskFailed" }' } as const;
interface Mock {
  readonly kind: keyof typeof MOCKS;
  readonly text: string;
}

/** What is asked, as the API takes it. The machine around a state says little but in which language it is. */
function question(machine: MachineDefinition | undefined, definition: MachineDefinition, given: Given) {
  const { stateName, input, variables, mock } = given;
  return {
    definition: { ...definition, ...machine },
    stateName,
    input: JSON.parse(input) as Json,
    variables: JSON.parse(variables) as Json,
    ...(mock.kind !== 'none' && { mock: { [mock.kind]: JSON.parse(mock.text) as Json } }),
  };
}

interface Given {
  readonly stateName: string;
  readonly input: string;
  readonly variables: string;
  readonly mock: Mock;
}

function TryState({ definition }: { definition: MachineDefinition }) {
  const machines = machinesByState(definition);
  const [given, setGiven] = useState<Given>({
    stateName: definition.StartAt,
    input: '{}',
    variables: '{}',
    mock: { kind: 'none', text: '' },
  });
  const { stateName } = given;
  const machine = machines.get(stateName);
  const trying = useMutation({
    mutationFn: async () => post<Tried>(address('workflows/test-state'), question(machine, definition, given)),
  });
  return (
    <>
      <form
        className="card form"
        onSubmit={(event) => {
          event.preventDefault();
          trying.mutate();
        }}
      >
        <Fields given={given} states={[...machines.keys()]} onChange={(change) => setGiven({ ...given, ...change })} />
        <div>
          <button type="submit" className="button solid" disabled={trying.isPending}>
            {trying.isPending ? 'Trying…' : 'Try it'}
          </button>
        </div>
        {trying.isError && <ProblemBox error={trying.error} />}
      </form>
      {trying.data && <TriedState tried={trying.data} />}
      <section className="card" aria-labelledby="state-title">
        <h2 id="state-title">Definition</h2>
        <JsonView value={machine?.States[stateName] as unknown as Json} label="the state" />
      </section>
    </>
  );
}

interface FieldsProps {
  readonly given: Given;
  readonly states: readonly string[];
  readonly onChange: (change: Partial<Given>) => void;
}

function Fields({ given: { stateName, input, variables, mock }, states, onChange }: FieldsProps) {
  const { kind, text } = mock;
  const choose = (chosen: Mock['kind']) => onChange({ mock: { kind: chosen, text: MOCKS[chosen] } });
  return (
    <>
      <label>
        <span>State</span>
        <select value={stateName} onChange={(event) => onChange({ stateName: event.target.value })}>
          {states.map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
      </label>
      <JsonField label="Input (JSON)" value={input} onChange={(given) => onChange({ input: given })} />
      <JsonField label="Variables (JSON)" value={variables} onChange={(given) => onChange({ variables: given })} />
      <label>
        <span>What its work gives</span>
        <select value={kind} onChange={(event) => choose(event.target.value as Mock['kind'])}>
          <option value="none">It has none</option>
          <option value="result">A result</option>
          <option value="error">An error</option>
        </select>
      </label>
      {kind !== 'none' && (
        <JsonField
          label={`The ${kind} (JSON)`}
          value={text}
          onChange={(given) => onChange({ mock: { kind, text: given } })}
        />
      )}
    </>
  );
}

function JsonField({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) {
  return (
    <label>
      <span>{label}</span>
      <textarea rows={6} value={value} onChange={(event) => onChange(event.target.value)} spellCheck={false} />
    </label>
  );
}
