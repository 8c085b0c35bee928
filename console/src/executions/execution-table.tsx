import type { Execution } from '../api/types.js';
import { useNow } from '../ui/time.js';
import { ExecutionRow } from './execution-row.js';

export function ExecutionTable({ executions, isStale }: { executions: readonly Execution[]; isStale: boolean }) {
  const now = useNow(true);
  return (
    <div className="card table-card" aria-busy={isStale}>
      <table className="executions">
        <caption className="visually-hidden">Executions, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Execution</th>
            <th scope="col">Workflow</th>
            <th scope="col">Started by</th>
            <th scope="col">Started</th>
            <th scope="col" className="end">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {executions.map((execution) => (
            <ExecutionRow key={execution.id} execution={execution} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
