import { useState } from 'react';
import type { Execution } from '../api/types.js';
import { StatusMark, statusText, statusTone } from '../ui/status-chip.js';
import { duration, useNow } from '../ui/time.js';
import type { StateRun } from './state-runs.js';

interface TimelineProps {
  readonly runs: readonly StateRun[];
  readonly execution: Execution;
  readonly selected?: number;
  readonly onSelect: (stateName: string, runId: number) => void;
}

const pageSize = 40;

/** When each state was visited, and for how long, on one scale. */
export function Timeline({ runs, execution, selected, onSelect }: TimelineProps) {
  const [shown, setShown] = useState(pageSize);
  const isRunning = execution.status === 'RUNNING';
  const now = useNow(isRunning, 500);
  const from = Date.parse(execution.startedAt);
  const to = Math.max(execution.endedAt ? Date.parse(execution.endedAt) : now, from + 1);
  return (
    <section className="card timeline-card" aria-labelledby="timeline-title">
      <h2 id="timeline-title">
        Timeline <span className="count">{duration(to - from)}</span>
      </h2>
      {runs.length === 0 && <p className="muted small">No state was entered yet.</p>}
      <ol className="timeline">
        {runs.slice(0, shown).map((run) => (
          <li key={run.id}>
            <Bar run={run} from={from} to={to} isSelected={run.id === selected} onSelect={onSelect} />
          </li>
        ))}
      </ol>
      {shown < runs.length && (
        <button type="button" className="button" onClick={() => setShown(shown + pageSize)}>
          Show {Math.min(pageSize, runs.length - shown)} more of {runs.length}
        </button>
      )}
    </section>
  );
}

interface BarProps {
  readonly run: StateRun;
  readonly from: number;
  readonly to: number;
  readonly isSelected: boolean;
  readonly onSelect: (stateName: string, runId: number) => void;
}

function Bar({ run, from, to, isSelected, onSelect }: BarProps) {
  const start = Date.parse(run.enteredAt);
  const end = run.endedAt ? Date.parse(run.endedAt) : to;
  const percent = (ms: number): string => `${Math.min(100, Math.max(0, (ms / (to - from)) * 100))}%`;
  const took = duration(end - start);
  return (
    <button
      type="button"
      className="timeline-row"
      aria-pressed={isSelected}
      aria-label={`${run.stateName}: ${statusText(run.status)}, ${took}`}
      onClick={() => onSelect(run.stateName, run.id)}
    >
      <span className="timeline-name" data-tone={statusTone(run.status)}>
        <StatusMark status={run.status} />
        <span className="timeline-state">{run.stateName}</span>
      </span>
      <span className="timeline-track" aria-hidden="true">
        <span
          className="timeline-bar"
          data-tone={statusTone(run.status)}
          style={{ left: percent(start - from), width: percent(Math.max(end - start, 0)) }}
        />
      </span>
      <span className="timeline-took number">{took}</span>
    </button>
  );
}
