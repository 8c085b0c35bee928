import type { Execution } from '../api/types.js';
import { JsonView } from '../ui/json-view.js';

export function ExecutionData({ execution }: { execution: Execution }) {
  return (
    <div className="two-columns">
      <section className="card" aria-labelledby="input-title">
        <h2 id="input-title">Input</h2>
        <JsonView value={execution.input} label="the execution's input" />
      </section>
      <section className="card" aria-labelledby="output-title">
        <h2 id="output-title">Output</h2>
        {execution.status === 'SUCCEEDED' ? (
          <JsonView value={execution.output} label="the execution's output" />
        ) : (
          <p className="muted small">
            {execution.status === 'RUNNING' ? 'It comes when the execution ends.' : 'None.'}
          </p>
        )}
      </section>
    </div>
  );
}
