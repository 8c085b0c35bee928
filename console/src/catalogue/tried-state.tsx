import type { Json } from '../api/types.js';
import { JsonView } from '../ui/json-view.js';
import { StatusChip } from '../ui/status-chip.js';

export interface Tried {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData?: { readonly [step: string]: Json };
}

const CHIPS = { SUCCEEDED: 'SUCCEEDED', FAILED: 'FAILED', RETRIABLE: 'RETRYING', CAUGHT_ERROR: 'CAUGHT' } as const;

/** `afterInputPath` is `After InputPath`. */
const titleOf = (step: string): string =>
  step.startsWith('after') ? `After ${step.slice(5)}` : step.charAt(0).toUpperCase() + step.slice(1);

/** How a state came out, and its data after each step, in their order. */
export function TriedState({
  tried: { status, output, error, cause, nextState, inspectionData = {} },
}: {
  tried: Tried;
}) {
  return (
    <section className="card" aria-labelledby="tried-title">
      <h2 id="tried-title">
        What comes of it <StatusChip status={CHIPS[status]} />
      </h2>
      {error !== undefined && (
        <p>
          <code>{error}</code> {cause}
        </p>
      )}
      {nextState !== undefined && (
        <p>
          Goes on with <code>{nextState}</code>
        </p>
      )}
      {Object.entries(inspectionData).map(([step, value]) => (
        <div key={step}>
          <h3>{titleOf(step)}</h3>
          <JsonView value={value} label={titleOf(step)} />
        </div>
      ))}
      {output !== undefined && (
        <div>
          <h3>Output</h3>
          <JsonView value={output} label="the output" />
        </div>
      )}
    </section>
  );
}
