import { Link } from 'react-router';
import type { Execution } from '../api/types.js';
import { StatusChip } from '../ui/status-chip.js';
import { ago, dateTime, lasted } from '../ui/time.js';

export function ExecutionRow({ execution, now }: { execution: Execution; now: number }) {
  const { startedAt, endedAt } = execution;
  return (
    <tr>
      <td className="cell-status">
        <StatusChip status={execution.status} />
      </td>
      <td className="cell-name">
        <Link className="row-link" to={`/executions/${encodeURIComponent(execution.id)}`}>
          {execution.name}
        </Link>
        {execution.error && <span className="row-error">{execution.error}</span>}
      </td>
      <td className="cell-workflow">
        {execution.workflow} <span className="muted small">v{execution.version}</span>
      </td>
      <td className="cell-trigger">{execution.trigger ?? <span className="muted">API</span>}</td>
      <td className="cell-started">
        <time dateTime={startedAt} title={dateTime(startedAt)}>
          {ago(startedAt, now)}
        </time>
      </td>
      <td className="cell-duration number end">{lasted(startedAt, endedAt, now)}</td>
    </tr>
  );
}
