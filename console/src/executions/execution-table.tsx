import type { Execution } from '../api/types.js';
import { TableHead } from '../ui/table-head.js';
import { useNow } from '../ui/time.js';
import { ExecutionRow } from './execution-row.js';

export function ExecutionTable({ executions, isStale }: { executions: readonly Execution[]; isStale: boolean }) {
  const now = useNow(true);
  return (
    <div className="card table-card" aria-busy={isStale}>
      <table className="executions">
        <caption className="visually-hidden">Executions, the latest first</caption>
        <TableHead
          columns={['Status', 'Execution', 'Workflow', 'Started by', 'Started', 'Duration']}
          numbers={['Duration']}
        />
        <tbody>
          {executions.map((execution) => (
            <ExecutionRow key={execution.id} execution={execution} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
