import { useCallback, useMemo, useState } from 'react';
import { useParams } from 'react-router';
import { useDefinition } from '../api/queries.js';
import type { Execution } from '../api/types.js';
import { StateGraph } from '../graph/state-graph.js';
import { MediaSection } from '../media/media-section.js';
import { Loading } from '../ui/loading.js';
import { ProblemBox } from '../ui/problem-box.js';
import { useTitle } from '../ui/use-title.js';
import { containersOf } from './containers.js';
import { ExecutionData } from './execution-data.js';
import { ExecutionHeader } from './execution-header.js';
import { factsOfStates } from './facts-of-states.js';
import { HistoryTable } from './history-table.js';
import { MapRuns } from './map-runs.js';
import { StatePanel } from './state-panel.js';
import { runsByState, type StateRun, stateRuns } from './state-runs.js';
import { Timeline } from './timeline.js';
import { type LiveExecution, useExecution } from './use-execution.js';

export function ExecutionPage() {
  const { id = '' } = useParams();
  const live = useExecution(id);
  useTitle(live.execution ? `${live.execution.name} (${live.execution.workflow})` : 'Execution');
  if (live.error !== null && !live.execution) return <ProblemBox error={live.error} />;
  if (!live.execution) return <Loading what="the execution" />;
  return <LoadedExecution key={id} live={live} execution={live.execution} />;
}

function LoadedExecution({ live, execution }: { live: LiveExecution; execution: Execution }) {
  const { history, invocations } = live;
  const definition = useDefinition(execution.workflow, execution.version);
  const [choice, setChoice] = useState<{ stateName: string; runId?: number }>();
  const choose = useCallback((stateName: string, runId?: number) => setChoice({ stateName, runId }), []);
  const chooseState = useCallback((stateName: string) => choose(stateName), [choose]);

  const { status, endedAt } = execution;
  const containers = useMemo(() => (definition.data ? containersOf(definition.data) : undefined), [definition.data]);
  const runs = useMemo(
    () => stateRuns(history, { status, endedAt }, containers),
    [history, status, endedAt, containers],
  );
  const facts = useMemo(() => factsOfStates(runsByState(runs), invocations), [runs, invocations]);
  const selected = choice?.stateName ?? mostInteresting(runs, status)?.stateName;

  const visits = runs.filter((one) => one.stateName === selected);
  const run = shownVisit(visits, choice?.runId);

  return (
    <>
      <ExecutionHeader execution={execution} isLive={live.isLive} runs={runs} />
      {live.error !== null && <ProblemBox error={live.error} />}
      <div className="execution-grid">
        <section className="card graph-card" aria-labelledby="graph-title">
          <h2 id="graph-title">Workflow</h2>
          {definition.data && (
            <StateGraph definition={definition.data} facts={facts} selected={selected} onSelect={chooseState} />
          )}
          {definition.data === null && (
            <p className="muted">This version of the workflow was deleted, so it cannot be drawn.</p>
          )}
          {definition.isPending && <Loading what="the definition" />}
          {definition.isError && <ProblemBox error={definition.error} />}
        </section>
        <StatePanel
          stateName={selected}
          definition={definition.data ?? undefined}
          runs={visits}
          run={run}
          onChooseRun={(runId) => selected && choose(selected, runId)}
          invocations={invocations.filter((one) => one.stateName === selected)}
        />
        <Timeline runs={runs} execution={execution} selected={run?.id} onSelect={choose} />
      </div>
      <MapRuns execution={execution} />
      <MediaSection execution={execution} invocations={invocations} />
      <ExecutionData execution={execution} />
      <HistoryTable history={history} startedAt={execution.startedAt} />
    </>
  );
}

/** The visit that was chosen, else the one that failed, else the latest. */
function shownVisit(visits: readonly StateRun[], id: number | undefined): StateRun | undefined {
  return visits.find((one) => one.id === id) ?? visits.find((one) => one.status === 'FAILED') ?? visits.at(-1);
}

/** Where to look first: what failed, else what is going on, else the last task. */
function mostInteresting(runs: readonly StateRun[], status: Execution['status']): StateRun | undefined {
  const failed = runs.find((run) => run.status === 'FAILED' || run.status === 'TIMED_OUT');
  if (failed && status !== 'RUNNING' && status !== 'SUCCEEDED') return failed;
  return (
    runs.find((run) => run.status === 'RUNNING' && run.type === 'Task') ??
    runs.find((run) => run.status === 'RUNNING') ??
    runs.findLast((run) => run.type === 'Task') ??
    runs.at(-1)
  );
}
