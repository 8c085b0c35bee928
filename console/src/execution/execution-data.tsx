import type { Execution } from '../api/types.js';
import { DataView } from '../ui/data-view.js';

export function ExecutionData({ execution }: { execution: Execution }) {
  return (
    <div className="two-columns">
      <section className="card" aria-labelledby="input-title">
        <h2 id="input-title">Input</h2>
        <DataView value={execution.input} elsewhere={execution.inputDetails} label="the execution's input" />
      </section>
      <section className="card" aria-labelledby="output-title">
        <h2 id="output-title">Output</h2>
        {execution.status === 'SUCCEEDED' ? (
          <DataView value={execution.output} elsewhere={execution.outputDetails} label="the execution's output" />
        ) : (
          <p className="muted small">
            {execution.status === 'RUNNING' ? 'It comes when the execution ends.' : 'None.'}
          </p>
        )}
      </section>
    </div>
  );
}
