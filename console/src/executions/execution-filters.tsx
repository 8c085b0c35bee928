import type { ExecutionFilter } from '../api/queries.js';
import { executionStatuses } from '../api/types.js';
import { statusText } from '../ui/status-chip.js';

interface FiltersProps {
  readonly filter: ExecutionFilter;
  readonly workflows: readonly string[];
  readonly onChange: (changes: Record<string, string>) => void;
}

export function ExecutionFilters({ filter, workflows, onChange }: FiltersProps) {
  // A workflow that was deleted may still be in the address.
  const names = [...new Set([...workflows, filter.workflow])].filter(Boolean).toSorted();
  return (
    <div className="filters">
      <label>
        <span>Workflow</span>
        <select value={filter.workflow} onChange={(event) => onChange({ workflow: event.target.value })}>
          <option value="">All</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Status</span>
        <select value={filter.status} onChange={(event) => onChange({ status: event.target.value })}>
          <option value="">All</option>
          {executionStatuses.map((status) => (
            <option key={status} value={status}>
              {statusText(status)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
