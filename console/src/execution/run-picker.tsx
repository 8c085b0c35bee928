import { statusText } from '../ui/status-chip.js';
import { clockTime } from '../ui/time.js';
import type { StateRun } from './state-runs.js';

interface RunPickerProps {
  readonly runs: readonly StateRun[];
  readonly chosen: StateRun;
  readonly onChoose: (runId: number) => void;
}

/** A state inside a Map or a loop is visited many times: which visit is meant? */
export function RunPicker({ runs, chosen, onChoose }: RunPickerProps) {
  return (
    <label className="run-picker">
      <span>Visit</span>
      <select value={chosen.id} onChange={(event) => onChoose(Number(event.target.value))}>
        {runs.map((run, index) => (
          <option key={run.id} value={run.id}>
            {index + 1} of {runs.length} · {statusText(run.status)} · {clockTime(run.enteredAt)}
          </option>
        ))}
      </select>
    </label>
  );
}
