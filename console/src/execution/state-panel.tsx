import { useEffect, useRef } from 'react';
import type { Invocation, MachineDefinition, StateDefinition } from '../api/types.js';
import { InvocationCard } from '../invocations/invocation-card.js';
import { DataView } from '../ui/data-view.js';
import { StatusChip } from '../ui/status-chip.js';
import { FailureBox } from './failure-box.js';
import { RunPicker } from './run-picker.js';
import type { StateRun } from './state-runs.js';

interface StatePanelProps {
  readonly stateName: string | undefined;
  readonly definition: MachineDefinition | undefined;
  readonly runs: readonly StateRun[];
  readonly run: StateRun | undefined;
  readonly onChooseRun: (runId: number) => void;
  readonly invocations: readonly Invocation[];
}

/** The state that is selected: what went in, what came out, what ran for it. */
export function StatePanel({ stateName, definition, runs, run, onChooseRun, invocations }: StatePanelProps) {
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    body.current?.scrollTo({ top: 0 });
  }, [stateName, run?.id]);
  const state = stateName && definition ? findState(definition, stateName) : undefined;
  const own = run && runs.length > 1 ? invocations.filter((one) => belongsTo(one, run)) : invocations;
  return (
    <section className="card state-panel" aria-labelledby="state-title">
      <div className="panel-head">
        <p className="eyebrow">{state?.Type ?? run?.type ?? 'State'}</p>
        <h2 id="state-title">{stateName ?? 'No state yet'}</h2>
        {stateName && <StatusChip status={run?.status ?? 'IDLE'} />}
      </div>
      <div className="panel-body" ref={body}>
        {state?.Comment && <p className="muted">{state.Comment}</p>}
        {runs.length > 1 && run && <RunPicker runs={runs} chosen={run} onChoose={onChooseRun} />}
        {run?.error && run.status !== 'SUCCEEDED' && !own.some((one) => one.error === run.error) && (
          <FailureBox error={run.error} cause={run.cause} />
        )}
        {own.toReversed().map((invocation) => (
          <InvocationCard key={invocation.id} invocation={invocation} />
        ))}
        {run ? <RunData run={run} /> : stateName && <p className="muted">The execution has not come here.</p>}
      </div>
    </section>
  );
}

function RunData({ run }: { run: StateRun }) {
  return (
    <>
      <details open>
        <summary>Input</summary>
        <DataView value={run.input} elsewhere={run.inputDetails} label={`the input of ${run.stateName}`} />
      </details>
      {(run.output !== undefined || run.outputDetails) && (
        <details open>
          <summary>Output</summary>
          <DataView value={run.output} elsewhere={run.outputDetails} label={`the output of ${run.stateName}`} />
        </details>
      )}
    </>
  );
}

/** Of several visits: the same line of control if the gateway says so, else whatever was made during the visit. */
function belongsTo(invocation: Invocation, run: StateRun): boolean {
  if (typeof invocation.frameId === 'number' && invocation.frameId !== run.frameId) return false;
  const made = Date.parse(invocation.createdAt);
  return made >= Date.parse(run.enteredAt) && (run.endedAt === undefined || made <= Date.parse(run.endedAt));
}

function findState(machine: MachineDefinition, name: string): StateDefinition | undefined {
  const here = machine.States[name];
  if (here) return here;
  for (const state of Object.values(machine.States)) {
    const inner = [...(state.Branches ?? []), state.ItemProcessor, state.Iterator].filter((one) => one !== undefined);
    for (const child of inner) {
      const found = findState(child, name);
      if (found) return found;
    }
  }
  return undefined;
}
